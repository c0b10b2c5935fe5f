//! What can go wrong in a use case: one stable code each. `rollcall-api` holds the table from code to status and title.

use rollcall_activate::ActivateError;
use rollcall_audit::AuditError;
use rollcall_collect::CollectError;
use rollcall_engine::EngineError;
use rollcall_lake::LakeError;
use rollcall_log::LogError;
use rollcall_rules::text::TextFault;
use rollcall_rules::{Fault, FaultCode};
use rollcall_store::StoreError;
use serde::Serialize;

/// Stable code of a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Code {
    /// Input that is not of the form asked for.
    BadRequest,
    /// A query parameter `purpose` is missing.
    PurposeRequired,
    /// Wrong e-mail or password.
    InvalidCredentials,
    /// No valid session or key.
    NotSignedIn,
    /// Signed in, but not allowed.
    Forbidden,
    /// An unsafe request without its CSRF token.
    CsrfFailed,
    /// No such thing.
    NotFound,
    /// The path exists, but not with this method.
    MethodNotAllowed,
    /// A user id that no event, profile or upload has named.
    UnknownUser,
    /// A build whose members are no longer kept, or that never was.
    BuildGone,
    /// The thing changed since it was read.
    VersionConflict,
    /// The name, address or id is taken.
    Taken,
    /// Another segment or campaign refers to it.
    InUse,
    /// A declared type contradicts data already taken in.
    TypeInUse,
    /// The state of the thing does not allow this.
    WrongState,
    /// More than a documented limit.
    TooLarge,
    /// Too many tries.
    TooManyRequests,
    /// The rule has faults.
    InvalidRule,
    /// Fields with faults.
    InvalidInput,
    /// Storage or another part is not available at the moment.
    Unavailable,
    /// A fault of ours.
    Internal,
}

/// A failed use case.
#[derive(Debug, thiserror::Error)]
#[error("{code:?}: {detail}")]
pub struct AppError {
    /// Stable code.
    pub code: Code,
    /// What happened, where, and what to do; for [`Code::Internal`] text for the log only.
    pub detail: String,
    /// Faults with their places.
    pub faults: Vec<Place>,
}

/// A fault and its place in the request body.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Place {
    /// JSON pointer.
    pub pointer: String,
    /// Stable code.
    pub code: String,
    /// A sentence.
    pub detail: String,
    /// Where in the text, if the rule was given in its text form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<TextPlace>,
}

/// A place in a rule's text form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct TextPlace {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Start from 0, in UTF-16 code units.
    pub offset: usize,
    /// Length in UTF-16 code units; 0 at the end of the text.
    pub length: usize,
}

impl From<rollcall_rules::text::TextPlace> for TextPlace {
    fn from(place: rollcall_rules::text::TextPlace) -> Self {
        Self { line: place.line, column: place.column, offset: place.offset, length: place.length }
    }
}

/// Result of a use case.
pub type Result<T> = std::result::Result<T, AppError>;

impl AppError {
    /// A failure with a code and a sentence.
    pub fn new(code: Code, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into(), faults: Vec::new() }
    }

    /// No such `what`.
    pub fn not_found(what: &str) -> Self {
        Self::new(Code::NotFound, format!("There is no such {what}."))
    }

    /// A fault of ours; the text goes to the log only.
    pub fn internal(error: impl std::fmt::Display) -> Self {
        Self::new(Code::Internal, error.to_string())
    }

    /// One field with a fault.
    pub fn field(pointer: &str, code: &str, detail: &str) -> Self {
        Self {
            code: Code::InvalidInput,
            detail: detail.to_owned(),
            faults: vec![Place { pointer: pointer.to_owned(), code: code.to_owned(), detail: detail.to_owned(), text: None }],
        }
    }

    /// A refused rule; pointers are into the rule, wherever it stands in the request body.
    pub fn rule(faults: &[Fault]) -> Self {
        let places: Vec<Place> = faults
            .iter()
            .map(|fault| Place {
                pointer: fault.pointer.clone(),
                code: code_of(&fault.code),
                detail: fault.detail.clone(),
                text: None,
            })
            .collect();
        Self::invalid_rule(places)
    }

    /// The same failure of a rule that was given as text, its faults with their places in it.
    pub fn in_text(mut self, text: &str) -> Self {
        let pointers: Vec<&str> = self.faults.iter().map(|fault| fault.pointer.as_str()).collect();
        let places = rollcall_rules::text::locate(text, &pointers);
        for (fault, place) in self.faults.iter_mut().zip(places).filter(|(fault, _)| fault.text.is_none()) {
            fault.text = place.map(TextPlace::from);
        }
        self
    }

    /// A rule that is nested too deep to be read at all.
    pub fn too_deep(pointer: String) -> Self {
        let detail = format!(
            "Conditions may be nested {} deep. Flatten this one, or make it a segment and refer to it.",
            crate::segments::MAX_DEPTH
        );
        Self::invalid_rule(vec![Place { pointer, code: code_of(&FaultCode::TooDeep), detail, text: None }])
    }

    /// A rule in its text form that cannot be read.
    pub fn rule_text(faults: Vec<TextFault>) -> Self {
        let places = faults.into_iter().map(|fault| Place {
            pointer: String::new(),
            code: code_of(&fault.code),
            detail: format!("Line {}, column {}: {}", fault.line, fault.column, fault.detail),
            text: Some(TextPlace { line: fault.line, column: fault.column, offset: fault.offset, length: fault.length }),
        });
        Self::invalid_rule(places.collect())
    }

    fn invalid_rule(places: Vec<Place>) -> Self {
        let detail = match places.as_slice() {
            [one] => one.detail.clone(),
            many => format!("The rule has {} faults.", many.len()),
        };
        Self { code: Code::InvalidRule, detail, faults: places }
    }
}

/// The wire form of a code.
pub fn code_of(code: &impl Serialize) -> String {
    serde_json::to_value(code).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match &error {
            StoreError::Conflict(name) => conflict(name),
            StoreError::Unavailable(_) => {
                Self::new(Code::Unavailable, "The metadata database does not answer at the moment. Try again shortly.")
            }
            _ => Self::internal(causes(&error)),
        }
    }
}

/// Broken rules of the data, in words.
fn conflict(name: &str) -> AppError {
    let (code, detail) = match name {
        "accounts_email_key" => (Code::Taken, "There is an account with this e-mail address already."),
        "accounts_last_admin" => (Code::WrongState, "This is the last administrator. Make another one first."),
        "lists_pkey" => (Code::Taken, "There is a list with this id already."),
        "list_version_conflict" => (Code::VersionConflict, "The list was changed by somebody else meanwhile. Try again."),
        "version_conflict" => {
            (Code::VersionConflict, "The segment was changed by somebody else meanwhile. Load it again and repeat the change.")
        }
        "build_previous_changed" => (Code::VersionConflict, "The segment was built by somebody else meanwhile."),
        "segment_in_use" => (Code::InUse, "Another segment or a campaign refers to this segment. Change that first."),
        "list_in_use" => (Code::InUse, "A segment refers to this list. Change that first."),
        "reference_missing" => (Code::WrongState, "The rule refers to a segment or list that is gone or in the trash."),
        "segment_cycle" => (Code::WrongState, "The rule would refer back to the segment itself."),
        "campaign_changed" => {
            (Code::VersionConflict, "The campaign was changed by somebody else meanwhile. Look at it and try again.")
        }
        "campaign_not_draft" => (Code::WrongState, "Only a draft can be changed or deleted."),
        "campaign_state" => (Code::WrongState, "The campaign's state does not allow this."),
        "import_ended" => (Code::WrongState, "The import has ended already."),
        other => return AppError::internal(format!("conflict: {other}")),
    };
    AppError::new(code, detail)
}

impl From<LakeError> for AppError {
    fn from(error: LakeError) -> Self {
        if error.is_unavailable() {
            tracing::error!(error = causes(&error), "the lake is not available");
            return Self::new(Code::Unavailable, "The lake's storage does not answer at the moment. Try again shortly.");
        }
        Self::internal(causes(&error))
    }
}

impl From<LogError> for AppError {
    fn from(error: LogError) -> Self {
        if matches!(error, LogError::Overloaded) {
            let text = "More events arrive than the disk takes. Nothing of this request was kept; send it again in a moment.";
            return Self::new(Code::TooManyRequests, text);
        }
        tracing::error!(error = causes(&error), "the event log refused records");
        Self::new(Code::Unavailable, "Events cannot be stored at the moment. Nothing of this request was kept; send it again.")
    }
}

impl From<CollectError> for AppError {
    fn from(error: CollectError) -> Self {
        match error {
            CollectError::Log(error) => error.into(),
            CollectError::Lake(error) => error.into(),
            CollectError::Store(error) => error.into(),
            CollectError::Stopped => Self::new(Code::Unavailable, "The server is stopping. Try again shortly."),
            other => Self::internal(causes(&other)),
        }
    }
}

impl From<rollcall_collect::import::ImportError> for AppError {
    fn from(error: rollcall_collect::import::ImportError) -> Self {
        use rollcall_collect::import::ImportError;
        match error {
            ImportError::Log(error) => error.into(),
            ImportError::Store(error) => error.into(),
            other => Self::internal(causes(&other)),
        }
    }
}

impl From<ActivateError> for AppError {
    fn from(error: ActivateError) -> Self {
        match error {
            ActivateError::Store(error) => error.into(),
            ActivateError::Template(text) | ActivateError::Address(text) | ActivateError::Smtp(text) => {
                Self::new(Code::WrongState, text)
            }
            other => Self::internal(causes(&other)),
        }
    }
}

/// An error with what caused it, for the log.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(next) = cause {
        text.push_str(": ");
        text.push_str(&next.to_string());
        cause = next.source();
    }
    text
}

/// Failures that are ours whatever they say.
macro_rules! internal {
    ($($error:ty),*) => {$(
        impl From<$error> for AppError {
            fn from(error: $error) -> Self {
                Self::internal(causes(&error))
            }
        }
    )*};
}
internal!(EngineError, AuditError, serde_json::Error, std::io::Error, tokio::task::JoinError);
