//! Sessions: a signed token in an HttpOnly cookie, bound to the account's session epoch so that it can be revoked, and
//! a CSRF token derived from it.

use std::net::IpAddr;

use hmac::{Hmac, Mac};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use rollcall_store::{Account, AccountId};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::throttle::Throttle;
use super::{Caller, Person, password};
use crate::App;
use crate::ambient::new_id;
use crate::error::{AppError, Code, Result};

#[derive(Debug, Serialize, Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    jti: String,
    epoch: u64,
    exp: i64,
}

/// The key that signs sessions, and the count of failed sign-ins.
pub(crate) struct SessionKey {
    secret: Vec<u8>,
    throttle: Throttle,
}

impl SessionKey {
    pub(crate) fn new(secret: Vec<u8>) -> Self {
        Self { secret, throttle: Throttle::default() }
    }

    fn csrf(&self, token: &str) -> String {
        let mut mac =
            Hmac::<Sha256>::new_from_slice(&self.secret).unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
        mac.update(b"csrf\0");
        mac.update(token.as_bytes());
        hex::encode(&mac.finalize().into_bytes()[..16])
    }
}

/// The account behind a session.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct SessionAccount {
    /// Account id.
    pub id: String,
    /// E-mail address.
    pub email: String,
    /// Name.
    pub name: String,
    /// `admin`, `marketer` or `auditor`.
    pub role: String,
}

/// The organisation that this instance serves.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct OrganisationView {
    /// Name.
    pub name: String,
}

/// What the page needs to know of its session.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct SessionView {
    /// Who is signed in.
    pub user: SessionAccount,
    /// To be sent as `X-CSRF-Token` with every unsafe request.
    pub csrf_token: String,
    /// Whose instance this is.
    pub organisation: OrganisationView,
}

/// A new session.
#[derive(Debug)]
pub struct SignedIn {
    /// Value of the cookie.
    pub token: String,
    /// Lifetime of the cookie, seconds.
    pub max_age: i64,
    /// For the page.
    pub view: SessionView,
}

impl App {
    /// Signs a person in who knocks from the address `peer`.
    ///
    /// # Errors
    /// [`Code::InvalidCredentials`] without saying which part was wrong; [`Code::TooManyRequests`] after many failures.
    pub async fn sign_in(&self, email: &str, password: String, peer: Option<IpAddr>) -> Result<SignedIn> {
        let account = self
            .account_of(email, password, peer)
            .await?
            .ok_or_else(|| AppError::new(Code::InvalidCredentials, "The e-mail address or the password is not right."))?;
        self.store.touch_account(&account.id, self.now().0).await?;
        let person = Caller::Person(Person { id: account.id.clone(), name: account.name.clone(), role: account.role });
        self.record(&person, "session.start", "account", account.id.as_str(), serde_json::json!({})).await?;
        self.begin_session(&account)
    }

    /// The account of an address and a password. Every call counts as an attempt until it succeeds.
    ///
    /// # Errors
    /// [`Code::TooManyRequests`] after many failures.
    pub(super) async fn account_of(&self, email: &str, password: String, peer: Option<IpAddr>) -> Result<Option<Account>> {
        let throttle = &self.session_key.throttle;
        let attempt = throttle.attempt(email, peer, self.now())?;
        let turn = throttle.turn().await?;
        let account = self.store.account_by_email(email).await?;
        // An unknown address costs the same time as a wrong password.
        let hash = account.as_ref().map_or_else(|| self.decoy_hash.clone(), |account| account.password_hash.clone());
        let fits =
            tokio::task::spawn_blocking(move || password.len() <= password::MAX_LENGTH && password::verify(&password, &hash))
                .await?;
        drop(turn);
        let account = account.filter(|account| fits && !account.disabled);
        if account.is_some() {
            throttle.succeeded(&attempt);
        }
        Ok(account)
    }

    /// A session of an account as it is now.
    pub(super) fn begin_session(&self, account: &Account) -> Result<SignedIn> {
        let max_age = i64::from(self.config.session.hours) * 3600;
        let claims = Claims {
            iss: "rollcall".into(),
            sub: account.id.as_str().into(),
            jti: new_id(self.ambient.as_ref()),
            epoch: account.session_epoch,
            exp: self.now().0 / 1_000_000 + max_age,
        };
        let token =
            jsonwebtoken::encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(&self.session_key.secret))
                .map_err(AppError::internal)?;
        let view = self.session_view(account, &token);
        Ok(SignedIn { token, max_age, view })
    }

    fn session_view(&self, account: &Account, token: &str) -> SessionView {
        SessionView {
            user: SessionAccount {
                id: account.id.as_str().into(),
                email: account.email.clone(),
                name: account.name.clone(),
                role: account.role.as_str().into(),
            },
            csrf_token: self.session_key.csrf(token),
            organisation: OrganisationView { name: self.organisation.clone() },
        }
    }

    /// The person behind a session cookie, and what the page is told of it.
    ///
    /// # Errors
    /// [`Code::NotSignedIn`] if it is not ours, too old, revoked, or the account is disabled.
    pub async fn session(&self, token: &str) -> Result<(Caller, SessionView)> {
        let refused = || AppError::new(Code::NotSignedIn, "Sign in to go on.");
        let mut validation = Validation::new(Algorithm::HS256);
        validation.set_issuer(&["rollcall"]);
        // The library would read the ambient clock; the expiry is checked below against ours.
        validation.validate_exp = false;
        let claims = jsonwebtoken::decode::<Claims>(token, &DecodingKey::from_secret(&self.session_key.secret), &validation)
            .map_err(|_| refused())?
            .claims;
        if claims.exp <= self.now().0 / 1_000_000 {
            return Err(refused());
        }
        let account = self.store.account(&AccountId::new(claims.sub)).await?.ok_or_else(refused)?;
        if account.disabled || account.session_epoch != claims.epoch {
            return Err(refused());
        }
        let view = self.session_view(&account, token);
        Ok((Caller::Person(Person { id: account.id, name: account.name, role: account.role }), view))
    }

    /// Ends every session of the account.
    ///
    /// # Errors
    /// The store's.
    pub async fn sign_out(&self, caller: &Caller) -> Result<()> {
        if let Some(account) = caller.account() {
            self.store.end_sessions(account).await?;
            self.record(caller, "session.end", "account", account.as_str(), serde_json::json!({})).await?;
        }
        Ok(())
    }

    /// Checks a CSRF token against its session.
    ///
    /// # Errors
    /// [`Code::CsrfFailed`].
    pub fn check_csrf(&self, session_token: &str, csrf_token: Option<&str>) -> Result<()> {
        let wanted = self.session_key.csrf(session_token);
        if csrf_token.is_some_and(|sent| bool::from(sent.as_bytes().ct_eq(wanted.as_bytes()))) {
            return Ok(());
        }
        Err(AppError::new(Code::CsrfFailed, "The X-CSRF-Token header is missing or belongs to another session. Reload the page."))
    }
}
