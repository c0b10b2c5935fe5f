//! Who is asking, and what they may do. Everything is denied unless the table in [`permission`] grants it.

mod accounts;
mod api_keys;
mod own_password;
mod password;
pub mod permission;
mod session;
mod throttle;

pub use accounts::{AccountInput, AccountPatch, AccountView, AccountsPage};
pub use api_keys::{ApiKeyView, NewKeyView};
pub use own_password::OwnPassword;
pub use permission::{Caller, Machine, Permission, Person};
pub use session::{SessionView, SignedIn};

pub(crate) use password::decoy as decoy_hash;
pub(crate) use session::SessionKey;
