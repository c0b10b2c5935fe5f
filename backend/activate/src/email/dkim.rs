//! Signatures of messages (DKIM, RFC 6376; Ed25519 as in RFC 8463), and reading private keys for them.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use lettre::message::Message;
use lettre::message::dkim::{DkimCanonicalization, DkimCanonicalizationType, DkimConfig, DkimSigningAlgorithm, DkimSigningKey};
use lettre::message::header::HeaderName;

use crate::error::ActivateError;

#[cfg(test)]
mod tests;

/// Signs messages.
#[derive(Debug)]
pub struct Dkim(DkimConfig);

/// The signed headers. `List-Unsubscribe` and `List-Unsubscribe-Post` have to be among them (RFC 8058, section 4).
const SIGNED: [&str; 11] = [
    "From",
    "To",
    "Subject",
    "Date",
    "Message-ID",
    "MIME-Version",
    "Content-Type",
    "List-Unsubscribe",
    "List-Unsubscribe-Post",
    "List-Id",
    "Feedback-ID",
];

impl Dkim {
    /// Signs as `domain` with a private key whose public half is published under `selector`. The key is PEM, RSA
    /// (PKCS#1 or PKCS#8) or Ed25519 (PKCS#8), as `openssl genpkey` writes it.
    ///
    /// # Errors
    /// The key is not readable, or the names are not ones of DNS.
    pub fn new(selector: &str, domain: &str, pem: &str) -> Result<Dkim, ActivateError> {
        for name in [selector, domain] {
            let plain = |letter: char| letter.is_ascii_alphanumeric() || ".-_".contains(letter);
            if name.is_empty() || !name.chars().all(plain) {
                return Err(ActivateError::Dkim(format!("`{name}` is not a name of DNS")));
            }
        }
        let relaxed = DkimCanonicalization { header: DkimCanonicalizationType::Relaxed, body: DkimCanonicalizationType::Relaxed };
        let headers = SIGNED.iter().map(|name| HeaderName::new_from_ascii_str(name)).collect();
        Ok(Dkim(DkimConfig::new(selector.to_owned(), domain.to_owned(), signing_key(pem)?, headers, relaxed)))
    }

    /// Adds the signature, which has to be the last header.
    pub(super) fn sign(&self, message: &mut Message) {
        message.sign(&self.0);
    }
}

/// DER of the object identifiers rsaEncryption (RFC 8017) and Ed25519 (RFC 8410).
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
const ED25519: &[u8] = &[0x2b, 0x65, 0x70];

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const OBJECT: u8 = 0x06;
const OCTETS: u8 = 0x04;

/// lettre reads RSA keys as PKCS#1 and Ed25519 keys as their bare seed only.
fn signing_key(pem: &str) -> Result<DkimSigningKey, ActivateError> {
    let refused = |text: &str| ActivateError::Dkim(text.to_owned());
    let unreadable = |error: lettre::message::dkim::DkimSigningKeyError| ActivateError::Dkim(error.to_string());
    if pem.contains("-----BEGIN RSA PRIVATE KEY-----") && !pem.contains("ENCRYPTED") {
        return DkimSigningKey::new(pem, DkimSigningAlgorithm::Rsa).map_err(unreadable);
    }
    let inside = pem.split_once("-----BEGIN PRIVATE KEY-----").and_then(|(_, rest)| rest.split_once("-----END PRIVATE KEY-----"));
    let Some((text, _)) = inside else {
        return Err(refused("it is not a private key in PEM form without a passphrase"));
    };
    let text: String = text.split_whitespace().collect();
    let der = STANDARD.decode(text).map_err(|_| refused("its PEM text is damaged"))?;
    match private_key(&der) {
        Some((RSA, key)) => DkimSigningKey::new(&pkcs1_pem(key), DkimSigningAlgorithm::Rsa).map_err(unreadable),
        Some((ED25519, key)) => {
            let (seed, _) = element(key, OCTETS).ok_or_else(|| refused("its Ed25519 key is damaged"))?;
            DkimSigningKey::new(&STANDARD.encode(seed), DkimSigningAlgorithm::Ed25519).map_err(unreadable)
        }
        Some(_) => Err(refused("it is of another kind than RSA and Ed25519")),
        None => Err(refused("it is not PKCS#8")),
    }
}

/// Algorithm and key of a PKCS#8 structure (RFC 5208, section 5).
fn private_key(der: &[u8]) -> Option<(&[u8], &[u8])> {
    let (inside, _) = element(der, SEQUENCE)?;
    let (_version, rest) = element(inside, INTEGER)?;
    let (algorithm, rest) = element(rest, SEQUENCE)?;
    let (kind, _parameters) = element(algorithm, OBJECT)?;
    let (key, _attributes) = element(rest, OCTETS)?;
    Some((kind, key))
}

/// The contents of a DER element with this tag, and what follows it.
fn element(der: &[u8], tag: u8) -> Option<(&[u8], &[u8])> {
    let (found, rest) = der.split_first()?;
    let (first, rest) = rest.split_first()?;
    let (length, rest) = match usize::from(*first) {
        short if short < 0x80 => (short, rest),
        long => {
            let (digits, rest) = rest.split_at_checked(long - 0x80)?;
            let length = digits.iter().try_fold(0usize, |length, digit| length.checked_mul(256)?.checked_add((*digit).into()))?;
            (length, rest)
        }
    };
    rest.split_at_checked(length).filter(|_| *found == tag)
}

fn pkcs1_pem(der: &[u8]) -> String {
    let text = STANDARD.encode(der);
    let lines: Vec<&str> = (0..text.len()).step_by(64).map(|at| &text[at..text.len().min(at + 64)]).collect();
    format!("-----BEGIN RSA PRIVATE KEY-----\n{}\n-----END RSA PRIVATE KEY-----\n", lines.join("\n"))
}
