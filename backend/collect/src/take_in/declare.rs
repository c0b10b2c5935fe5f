//! Declaring types between two records.

use std::collections::BTreeMap;
use std::sync::Arc;

use rollcall_rules::{Instant, Schema, ValueType};

use super::worker::Worker;
use crate::error::CollectError;

impl Worker {
    /// Flushes, so that a replay never sees records from before the declaration, then declares.
    pub(super) async fn declare(
        &mut self,
        traits: &BTreeMap<String, ValueType>,
        properties: &BTreeMap<String, ValueType>,
        now: Instant,
    ) -> Result<Arc<Schema>, CollectError> {
        let schema = declared(self.intake.schema(), traits, properties)?;
        self.flush().await?;
        self.shared.store.save_schema(&schema, now.0).await?;
        let published = Arc::new(schema.clone());
        self.intake.set_schema(schema);
        *self.shared.schema.write() = published.clone();
        Ok(published)
    }
}

/// A schema with declarations on top.
fn declared(
    schema: &Schema,
    traits: &BTreeMap<String, ValueType>,
    properties: &BTreeMap<String, ValueType>,
) -> Result<Schema, CollectError> {
    let check = |path: &String, wanted: ValueType, found: Option<ValueType>| match found {
        Some(found) if found != wanted => Err(CollectError::TypeInUse { path: path.clone(), found, wanted }),
        _ => Ok(()),
    };
    let mut new = schema.clone();
    for (path, &wanted) in traits {
        check(path, wanted, schema.trait_type(path))?;
        new.traits.insert(path.clone(), wanted);
        new.declared_traits.insert(path.clone());
    }
    for (path, &wanted) in properties {
        for learnt in schema.events.values() {
            check(path, wanted, learnt.get(path).copied())?;
        }
        // A declaration that no event has used yet may be changed.
        new.properties.insert(path.clone(), wanted);
    }
    Ok(new)
}
