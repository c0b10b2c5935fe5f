//! What moves, told to open pages.

use serde::Serialize;
use tokio::sync::broadcast;

use crate::App;
use crate::access::{Caller, Permission};
use crate::error::Result;

/// Something that moved.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum LiveEvent {
    /// Data was taken in.
    Watermark {
        /// Last record taken in.
        seq: u64,
    },
    /// A segment has a new build.
    Segment {
        /// Segment.
        id: String,
        /// Members now.
        count: u64,
        /// The build.
        build_id: String,
    },
    /// An import made progress.
    Import {
        /// Import.
        id: String,
    },
    /// A campaign made progress.
    Campaign {
        /// Campaign.
        id: String,
    },
    /// A recount ended.
    Recount {
        /// Recount.
        id: String,
    },
}

impl LiveEvent {
    /// Name of the server-sent event.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Watermark { .. } => "watermark",
            Self::Segment { .. } => "segment",
            Self::Import { .. } => "import",
            Self::Campaign { .. } => "campaign",
            Self::Recount { .. } => "recount",
        }
    }
}

impl App {
    /// A feed of what moves from now on.
    ///
    /// # Errors
    /// Forbidden without a role.
    pub fn watch(&self, caller: &Caller) -> Result<broadcast::Receiver<LiveEvent>> {
        caller.require(Permission::ReadOverview)?;
        Ok(self.live.subscribe())
    }

    /// Resolves when the server is about to stop, so that open feeds end.
    pub async fn stopped(&self) {
        let mut stop = self.stopping.subscribe();
        // An error means that the app is gone, which is a stop as well.
        let _ = stop.wait_for(|stopping| *stopping).await.map(|_| ());
    }
}
