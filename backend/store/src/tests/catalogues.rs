//! Catalogues and the rows of their versions.

use std::collections::BTreeMap;

use rollcall_rules::ValueType;

use crate::tests::fixtures::NOW;
use crate::tests::{Fresh, assert_conflict, on_both};
use crate::{Catalogue, CatalogueId};

on_both!(a_catalogue_changes_and_its_versions_stay);

async fn a_catalogue_changes_and_its_versions_stay(fresh: &Fresh) {
    let store = &fresh.store;
    let first = Catalogue {
        id: CatalogueId::new("c"),
        name: "Programmes".to_owned(),
        links: vec!["programme".to_owned(), "favourite.programme".to_owned()],
        declared: BTreeMap::from([("year".to_owned(), ValueType::Number), ("tags".to_owned(), ValueType::StringList)]),
        version: 1,
        row_count: 0,
        created_at: NOW,
        updated_at: NOW,
    };
    store.create_catalogue(&first, &[0, 255]).await.unwrap();
    assert_conflict(store.create_catalogue(&first, &[]).await, "catalogues_pkey");
    let other = Catalogue { id: CatalogueId::new("a"), name: "Shops".to_owned(), links: Vec::new(), ..first.clone() };
    store.create_catalogue(&other, &[]).await.unwrap();
    assert_eq!(store.catalogues().await.unwrap(), [first.clone(), other.clone()]);

    let renamed = Catalogue { name: "Zoos".to_owned(), updated_at: NOW + 1, ..first.clone() };
    assert!(store.change_catalogue(1, &renamed, None).await.unwrap());
    let filled = Catalogue { version: 2, row_count: 7, updated_at: NOW + 2, ..renamed.clone() };
    assert!(store.change_catalogue(1, &filled, Some(&[7])).await.unwrap());
    assert!(!store.change_catalogue(1, &filled, Some(&[8])).await.unwrap(), "it is at version 2");
    assert_conflict(store.change_catalogue(2, &filled, Some(&[9])).await, "catalogue_versions_pkey");
    assert_eq!(store.catalogues().await.unwrap(), [other, filled]);

    assert!(store.delete_catalogue(&first.id).await.unwrap());
    assert!(!store.delete_catalogue(&first.id).await.unwrap());
    assert_eq!(store.catalogues().await.unwrap().len(), 1);
    for (version, content) in [(1, Some(vec![0, 255])), (2, Some(vec![7])), (3, None)] {
        assert_eq!(store.catalogue_content(&first.id, version).await.unwrap(), content, "{version}");
    }
}
