//! Passwords: argon2id with the crate's recommended cost.

use argon2::Argon2;
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};

use crate::ambient::Ambient;
use crate::error::{AppError, Result};

/// Fewest characters of a password (OWASP ASVS 6.2.1 asks for 8).
pub(super) const MIN_LENGTH: usize = 10;
/// Most bytes of a password, so that hashing stays bounded.
pub(super) const MAX_LENGTH: usize = 512;

/// Hashes a password with a fresh salt. Takes tens of milliseconds: call it on a blocking thread.
pub(super) fn hash(password: &str, ambient: &dyn Ambient) -> Result<String> {
    let mut salt = [0; 16];
    ambient.fill(&mut salt);
    let salt = SaltString::encode_b64(&salt).map_err(AppError::internal)?;
    Ok(Argon2::default().hash_password(password.as_bytes(), &salt).map_err(AppError::internal)?.to_string())
}

/// Whether a password fits a hash.
pub(super) fn verify(password: &str, hash: &str) -> bool {
    PasswordHash::new(hash).is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// Refuses passwords that are too short or too long; `field` is the JSON pointer to blame.
pub(super) fn check(field: &str, password: &str) -> Result<()> {
    if password.chars().count() < MIN_LENGTH {
        return Err(AppError::field(field, "too_short", &format!("A password has at least {MIN_LENGTH} characters.")));
    }
    if password.len() > MAX_LENGTH {
        return Err(AppError::field(field, "too_long", &format!("A password has at most {MAX_LENGTH} bytes.")));
    }
    Ok(())
}

/// A hash that no password fits, so that unknown addresses cost the same time.
pub(crate) fn decoy(ambient: &dyn Ambient) -> Result<String> {
    let mut random = [0; 32];
    ambient.fill(&mut random);
    hash(&hex::encode(random), ambient)
}
