//! The one table of who may do what.

use rollcall_store::{AccountId, ApiKeyId, Role, Scope};

use crate::error::{AppError, Code, Result};

/// A signed-in person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// Account.
    pub id: AccountId,
    /// Name shown to others.
    pub name: String,
    /// Role.
    pub role: Role,
}

/// A program with an API key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Machine {
    /// Key.
    pub id: ApiKeyId,
    /// Name of the key.
    pub name: String,
    /// What the key is for.
    pub scopes: Vec<Scope>,
}

/// Who asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Caller {
    /// A person at the page, or at the command line with a session.
    Person(Person),
    /// A program.
    Machine(Machine),
    /// Rollcall itself: scheduled work and the command line on the data folder.
    System,
}

/// Something that can be allowed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each name says it; the table below is the documentation")]
pub enum Permission {
    ManageAccounts,
    ManageSources,
    ReadOverview,
    ReadSources,
    ReadValues,
    ReadQuarantine,
    DeclareSchema,
    Import,
    ReadImports,
    ReadSegments,
    EditSegments,
    EmptyTrash,
    CheckRules,
    CountRules,
    ReadMembers,
    ExplainUsers,
    Recount,
    TakeAdsList,
    TakeEmailList,
    ReadLists,
    ReadListIds,
    EditLists,
    ReadCatalogues,
    EditCatalogues,
    UploadRows,
    ReadCampaigns,
    EditCampaigns,
    SendCampaigns,
    ReadTrail,
}

impl Permission {
    /// Roles and machine scopes that have it.
    fn granted_to(self) -> (&'static [Role], &'static [Scope]) {
        use Role::{Admin, Auditor, Marketer};
        use Scope::{Collect, Crm, Pull, Segments};
        const EVERYBODY: &[Role] = &[Admin, Marketer, Auditor];
        const EDITORS: &[Role] = &[Admin, Marketer];
        match self {
            Self::ManageAccounts | Self::ManageSources | Self::DeclareSchema | Self::EmptyTrash => (&[Admin], &[]),
            Self::ReadOverview
            | Self::ReadSources
            | Self::ReadMembers
            | Self::Recount
            | Self::ReadLists
            | Self::ReadCatalogues => (EVERYBODY, &[]),
            // Values of traits and properties name people as plainly as their ids do: nothing for whoever sees pseudonyms.
            Self::ReadValues
            | Self::ExplainUsers
            | Self::ReadQuarantine
            | Self::ReadListIds
            | Self::EditLists
            | Self::EditCatalogues
            | Self::EditCampaigns => (EDITORS, &[]),
            Self::CheckRules => (EVERYBODY, &[Segments]),
            // The count of a rule made for one person tells that person's traits.
            Self::CountRules | Self::EditSegments => (EDITORS, &[Segments]),
            Self::UploadRows => (EDITORS, &[Collect]),
            Self::Import => (&[Admin], &[Collect]),
            Self::ReadImports => (EDITORS, &[Collect]),
            Self::ReadSegments => (EVERYBODY, &[Pull, Crm, Segments]),
            Self::TakeAdsList => (EDITORS, &[Pull]),
            Self::TakeEmailList => (EDITORS, &[Crm]),
            Self::ReadCampaigns => (EVERYBODY, &[Crm]),
            Self::SendCampaigns => (EDITORS, &[Crm]),
            Self::ReadTrail => (&[Admin, Auditor], &[]),
        }
    }
}

impl Caller {
    /// Whether the caller has a permission.
    pub fn may(&self, permission: Permission) -> bool {
        let (roles, scopes) = permission.granted_to();
        match self {
            Self::Person(person) => roles.contains(&person.role),
            Self::Machine(machine) => machine.scopes.iter().any(|scope| scopes.contains(scope)),
            Self::System => true,
        }
    }

    /// Refuses a caller without the permission.
    ///
    /// # Errors
    /// [`Code::Forbidden`].
    pub fn require(&self, permission: Permission) -> Result<()> {
        if self.may(permission) {
            return Ok(());
        }
        let who = match self {
            Self::Person(person) => format!("the role {}", person.role.as_str()),
            Self::Machine(_) => "this API key".to_owned(),
            Self::System => "this program".to_owned(),
        };
        Err(AppError::new(Code::Forbidden, format!("This is not open to {who}. Ask an administrator.")))
    }

    /// Whether user ids are shown to this caller as pseudonyms only.
    pub fn sees_pseudonyms(&self) -> bool {
        matches!(self, Self::Person(person) if person.role == Role::Auditor)
    }

    /// Name for the audit trail.
    pub fn name(&self) -> &str {
        match self {
            Self::Person(person) => &person.name,
            Self::Machine(machine) => &machine.name,
            Self::System => "rollcall",
        }
    }

    /// Kind and id for the audit trail.
    pub fn identity(&self) -> (&'static str, &str) {
        match self {
            Self::Person(person) => ("person", person.id.as_str()),
            Self::Machine(machine) => ("machine", machine.id.as_str()),
            Self::System => ("system", "rollcall"),
        }
    }

    /// The account, if a person asks.
    pub fn account(&self) -> Option<&AccountId> {
        match self {
            Self::Person(person) => Some(&person.id),
            Self::Machine(_) | Self::System => None,
        }
    }
}
