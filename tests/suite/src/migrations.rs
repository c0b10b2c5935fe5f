//! The two dialects of the metadata database move together.

use std::collections::BTreeSet;

use crate::tree;

fn numbered(dialect: &str) -> BTreeSet<String> {
    tree::files(&format!("migrations/{dialect}"), &[".sql"]).iter().map(|path| tree::name(path)).collect()
}

#[test]
fn sqlite_and_postgres_migrations_come_in_pairs() {
    let (sqlite, postgres) = (numbered("sqlite"), numbered("postgres"));
    assert!(!sqlite.is_empty(), "there are no migrations");
    assert_eq!(sqlite, postgres, "a migration exists for one database only");
}

#[test]
fn migration_numbers_are_unique_and_without_gaps() {
    let numbers: Vec<u32> = numbered("sqlite")
        .iter()
        .map(|name| name.split('_').next().unwrap_or_default().parse().unwrap_or_else(|_| panic!("{name}: no number")))
        .collect();
    let expected: Vec<u32> = (1..=u32::try_from(numbers.len()).unwrap()).collect();
    assert_eq!(numbers, expected);
}
