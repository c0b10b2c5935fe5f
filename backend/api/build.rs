//! Builds again when the page changes.

fn main() {
    println!("cargo::rerun-if-changed=../../frontend/dist");
}
