//! One file per resource. A handler extracts, makes one use-case call, and maps.

pub mod access;
pub mod campaigns;
pub mod catalogues;
pub mod imports;
pub mod lists;
pub mod lists_out;
pub mod live;
pub mod lookup;
pub mod rules;
pub mod schema;
pub mod segments;
pub mod session;
pub mod sources;
pub mod system;
pub mod tracking;
pub mod unsubscribe;

use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

/// Everything of a kind.
#[derive(Debug, Serialize, ToSchema)]
pub struct Items<T> {
    /// The things.
    pub items: Vec<T>,
}

/// A page of something.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// `next_cursor` of the page before.
    pub cursor: Option<String>,
    /// Most items of the page.
    pub limit: Option<u32>,
}
