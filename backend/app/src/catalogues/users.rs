//! Who else has a say in a change of a catalogue: other catalogues with the same links, and segments.

use std::sync::Arc;

use rollcall_rules::References;
use rollcall_store::Segment;

use super::Held;
use crate::App;
use crate::error::{AppError, Code, Result};
use crate::segments::book::Book;

/// The book as it would be with a catalogue changed, or gone.
struct Changed {
    book: Arc<Book>,
    id: String,
    held: Option<Held>,
}

impl Changed {
    fn links(&self, property: &str) -> bool {
        self.held.as_ref().is_some_and(|held| held.stored.links.iter().any(|link| link == property))
    }
}

impl References for Changed {
    fn segment_rule(&self, id: &str) -> Option<Arc<serde_json::Value>> {
        self.book.segment_rule(id)
    }

    fn list_exists(&self, id: &str) -> bool {
        self.book.list_exists(id)
    }

    fn catalogue_of(&self, property: &str) -> Option<Arc<rollcall_rules::Catalogue>> {
        match &self.held {
            Some(held) if self.links(property) => Some(held.rows.clone()),
            _ => self.book.catalogue_of(property).filter(|rows| rows.version.id != self.id),
        }
    }
}

impl App {
    /// Refuses links that another catalogue has.
    pub(super) fn refuse_taken(&self, held: &Held) -> Result<()> {
        for other in self.book.catalogues().into_iter().filter(|other| other.stored.id != held.stored.id) {
            if let Some(link) = held.stored.links.iter().find(|link| other.stored.links.contains(link)) {
                let text =
                    format!("“{link}” is linked to the catalogue “{}” already. Remove that link first.", other.stored.name);
                return Err(AppError::new(Code::Taken, text));
            }
        }
        Ok(())
    }

    /// Refuses a change after which the rule of a segment would not be valid or would no longer read the catalogue.
    pub(super) async fn refuse_broken(&self, held: Option<&Held>, id: &str) -> Result<()> {
        let changed = Changed { book: self.book.clone(), id: id.to_owned(), held: held.cloned() };
        let schema = self.take_in.schema();
        let broken = tokio::task::spawn_blocking(move || {
            let check = |segment: &Segment, references: &dyn References| {
                rollcall_rules::check(&segment.rule, Some(segment.id.as_str()), &schema, references)
            };
            let broken = changed.book.entries().into_iter().filter(|entry| {
                // One that is not valid now cannot get worse.
                let Ok((today, _)) = check(&entry.segment, changed.book.as_ref()) else { return false };
                let mut used = today.catalogues.iter().filter(|(_, version)| version.id == changed.id);
                used.any(|(property, _)| !changed.links(property)) || check(&entry.segment, &changed).is_err()
            });
            broken.map(|entry| format!("“{}”", entry.segment.name)).collect::<Vec<_>>()
        })
        .await?;
        if broken.is_empty() {
            return Ok(());
        }
        let text = format!("In use by the segments {}. Change those first.", broken.join(", "));
        Err(AppError::new(Code::InUse, text))
    }
}
