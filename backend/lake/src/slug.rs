//! Event names as folder names.
//!
//! `a-z 0-9 _` stand for themselves; every other byte is `-` and two hex digits, so two names never share a folder, not
//! even on a file system that ignores case. Names too long for a folder are cut and closed with their digest; the whole
//! name of a table is therefore also kept in the table's own metadata, which is what is read back.

use sha2::{Digest, Sha256};

/// Longest folder name; common file systems allow 255 bytes.
const LONGEST: usize = 200;

/// Folder names that Windows reserves.
const RESERVED: [&str; 22] = [
    "con", "prn", "aux", "nul", "com1", "com2", "com3", "com4", "com5", "com6", "com7", "com8", "com9", "lpt1", "lpt2", "lpt3",
    "lpt4", "lpt5", "lpt6", "lpt7", "lpt8", "lpt9",
];

/// The folder of an event name.
pub(crate) fn slug(name: &str) -> String {
    use std::fmt::Write;
    let mut slug = String::with_capacity(name.len());
    for (position, byte) in name.bytes().enumerate() {
        let plain = byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
        if plain && !(position == 0 && RESERVED.contains(&name)) {
            slug.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(slug, "-{byte:02x}");
        }
    }
    if slug.is_empty() {
        return "-".to_owned();
    }
    if slug.len() > LONGEST {
        let digest = hex::encode(Sha256::digest(name.as_bytes()));
        // Cutting inside an escape is harmless: only the digest tells long names apart.
        return format!("{}--{}", &slug[..LONGEST - 34], &digest[..32]);
    }
    slug
}

/// The event name of a folder; `None` if the folder is no slug, or of a name too long to be read back from it.
pub(crate) fn unslug(slug: &str) -> Option<String> {
    if slug == "-" {
        return Some(String::new());
    }
    let mut bytes = Vec::with_capacity(slug.len());
    let mut rest = slug.as_bytes();
    while let Some((&first, tail)) = rest.split_first() {
        if first == b'-' {
            let (digits, tail) = tail.split_at_checked(2)?;
            bytes.push(u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?);
            rest = tail;
        } else {
            bytes.push(first);
            rest = tail;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_survive_and_never_share_a_folder() {
        let names = [
            "",
            "page",
            "Page",
            "PAGE",
            "Order Completed",
            "order-completed",
            "a/b",
            "..",
            ".",
            "con",
            "con1",
            "über",
            "Über",
            "日本語",
            "a%20b",
            "tab\tline\n",
            "\"quoted\" 'x'",
            "-",
            "--",
            "_",
            "a.b",
            "\u{1F600}",
        ];
        let mut folders = BTreeSet::new();
        for name in names {
            let folder = slug(name);
            assert!(
                folder.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"_-".contains(&byte)),
                "{folder}"
            );
            assert_eq!(unslug(&folder).as_deref(), Some(name));
            assert!(!RESERVED.contains(&folder.as_str()));
            assert!(folders.insert(folder));
        }
    }

    #[test]
    fn long_names_fit_a_folder_and_stay_apart() {
        let (one, two) = (slug(&"ä".repeat(300)), slug(&("ä".repeat(299) + "b")));
        assert!(one.len() <= LONGEST && two.len() <= LONGEST);
        assert_ne!(one, two);
        assert_eq!(unslug(&one), None);
    }
}
