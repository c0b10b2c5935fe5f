//! Whether signatures verify, and RSA keys, are asked in `tests/api/test_dkim.py`, with keys made by openssl.

use super::*;

/// RFC 8410's form of the seed of RFC 8463, appendix A.
const ED25519_PEM: &str = "\
-----BEGIN PRIVATE KEY-----
MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g
-----END PRIVATE KEY-----
";

fn read(pem: &str) -> Result<Dkim, ActivateError> {
    Dkim::new("s1", "example.org", pem)
}

fn pem(der: &[u8]) -> String {
    format!("-----BEGIN PRIVATE KEY-----\n{}\n-----END PRIVATE KEY-----\n", STANDARD.encode(der))
}

#[test]
fn a_key_is_read_or_refused_with_a_reason() {
    read(ED25519_PEM).unwrap();
    let der = STANDARD.decode(ED25519_PEM.lines().nth(1).unwrap()).unwrap();
    for end in 0..der.len() {
        assert!(read(&pem(&der[..end])).is_err(), "{end} bytes");
    }
    let x25519 = pem(&[&der[..11], &[0x6e], &der[12..]].concat());
    let encrypted = ED25519_PEM.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    let public = ED25519_PEM.replace("PRIVATE", "PUBLIC");
    for (pem, why) in
        [(&x25519, "another kind"), (&encrypted, "passphrase"), (&public, "not a private key"), (&pem(b"0"), "PKCS#8")]
    {
        let error = read(pem).unwrap_err().to_string();
        assert!(error.contains(why), "{error}");
    }
}

#[test]
fn names_cannot_add_to_the_header() {
    for (selector, domain) in [("", "example.org"), ("s1", ""), ("s1", "example.org; x=y"), ("s\r\n1", "example.org")] {
        assert!(Dkim::new(selector, domain, ED25519_PEM).is_err(), "{selector} {domain}");
    }
}
