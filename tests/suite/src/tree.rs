//! Reading the source tree.

use std::path::{Path, PathBuf};

/// Folders that hold what others wrote or machines made.
const NOT_OURS: &[&str] = &["node_modules", "target", "dist", ".git", ".cache", "__pycache__", "generated"];

/// The project's folder. Cargo runs tests in their package's folder; a path fixed at compile time would lead into
/// another clone where two share a target folder.
pub fn root() -> PathBuf {
    Path::new("../..").canonicalize().unwrap()
}

/// Every file below `folder` (relative to the root) with one of the endings, sorted; empty if there is no such folder.
pub fn files(folder: &str, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![root().join(folder)];
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            let ours = |entry: &PathBuf| !NOT_OURS.contains(&name(entry).as_str());
            waiting.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()).filter(ours));
        } else if endings.iter().any(|ending| name(&path).ends_with(ending)) {
            found.push(path);
        }
    }
    found.sort();
    found
}

pub fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The path as a reader types it.
pub fn shown(path: &Path) -> String {
    path.strip_prefix(root()).unwrap_or(path).display().to_string()
}

pub fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", shown(path)))
}
