//! Handing messages to a mail server by SMTP.
//!
//! Built on lettre's connection rather than on its transport, because only here is it known how far a message got:
//! whatever fails before the text of the message is on its way leaves the server without it, and may be tried again;
//! after that only the server's own answer tells. Connections are kept and used again; one recipient a message.

use std::time::Duration;

use async_trait::async_trait;
use lettre::transport::smtp::Error as SmtpError;
use lettre::transport::smtp::authentication::{Credentials, DEFAULT_MECHANISMS};
use lettre::transport::smtp::client::{AsyncSmtpConnection, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use tokio::sync::Mutex;
use tokio::time::{Instant as Monotonic, timeout};

use super::message::OutgoingMessage;
use super::transport::{Delivery, Transport};
use crate::error::ActivateError;

#[cfg(test)]
mod tests;

/// How the connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TlsMode {
    /// Not at all: for a relay on the same machine.
    None,
    /// `STARTTLS`, and no mail without it.
    StartTls,
    /// TLS from the first byte.
    Tls,
}

impl TlsMode {
    /// The mode of a setting: `none`, `starttls` or `tls`.
    pub fn parse(word: &str) -> Option<TlsMode> {
        match word {
            "none" => Some(TlsMode::None),
            "starttls" => Some(TlsMode::StartTls),
            "tls" => Some(TlsMode::Tls),
            _ => None,
        }
    }
}

/// A mail server.
#[derive(Clone, PartialEq, Eq)]
pub struct SmtpSettings {
    /// Host name, which is also the one its certificate must carry.
    pub host: String,
    /// Port.
    pub port: u16,
    /// How the connection is protected.
    pub tls: TlsMode,
    /// User name; `None` for no authentication.
    pub user: Option<String>,
    /// Password.
    pub password: String,
    /// Connections kept between messages.
    pub pool_size: usize,
}

impl std::fmt::Debug for SmtpSettings {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("SmtpSettings").field("host", &self.host).field("port", &self.port).finish_non_exhaustive()
    }
}

/// For connecting and for each command (RFC 5321, section 4.5.3.2 allows more; a campaign does not wait so long).
const COMMAND: Duration = Duration::from_secs(60);
/// For the server's answer to the text of a message, after which nobody knows (RFC 5321: 10 minutes).
const ANSWER: Duration = Duration::from_secs(600);
/// Connections that were idle for longer are not used again.
const IDLE: Duration = Duration::from_secs(30);

/// A mail server's connections.
pub struct SmtpTransport {
    settings: SmtpSettings,
    tls: Option<TlsParameters>,
    hello: ClientId,
    idle: Mutex<Vec<(AsyncSmtpConnection, Monotonic)>>,
}

/// Why a message is not with the server.
enum Failure {
    /// This connection or this server.
    Connection(String),
    /// This message, for now.
    Transient(String),
    /// This message, for good.
    Permanent(String),
}

impl SmtpTransport {
    /// Checks the settings; connects with the first message.
    ///
    /// # Errors
    /// TLS cannot be set up for this host name.
    pub fn new(settings: SmtpSettings) -> Result<SmtpTransport, ActivateError> {
        let tls = match settings.tls {
            TlsMode::None => None,
            _ => Some(TlsParameters::new(settings.host.clone()).map_err(|error| ActivateError::Smtp(error.to_string()))?),
        };
        Ok(SmtpTransport { settings, tls, hello: ClientId::default(), idle: Mutex::default() })
    }

    /// A connection that answers.
    async fn connection(&self) -> Result<AsyncSmtpConnection, Failure> {
        loop {
            let Some((mut connection, since)) = self.idle.lock().await.pop() else {
                break;
            };
            // RSET also clears what a failed message left behind.
            let alive = since.elapsed() < IDLE && matches!(timeout(COMMAND, connection.command(Rset)).await, Ok(Ok(_)));
            if alive {
                return Ok(connection);
            }
        }
        let connect = async {
            let implicit = self.tls.clone().filter(|_| self.settings.tls == TlsMode::Tls);
            let server = (self.settings.host.as_str(), self.settings.port);
            let mut connection = AsyncSmtpConnection::connect_tokio1(server, Some(COMMAND), &self.hello, implicit, None).await?;
            if let Some(tls) = self.tls.clone().filter(|_| self.settings.tls == TlsMode::StartTls) {
                connection.starttls(tls, &self.hello).await?;
            }
            if let Some(user) = &self.settings.user {
                let credentials = Credentials::new(user.clone(), self.settings.password.clone());
                connection.auth(DEFAULT_MECHANISMS, &credentials).await?;
            }
            Ok::<_, SmtpError>(connection)
        };
        match timeout(COMMAND, connect).await {
            Ok(Ok(connection)) => Ok(connection),
            Ok(Err(error)) => Err(Failure::Connection(describe(&error))),
            Err(_) => Err(Failure::Connection("the mail server does not answer".to_owned())),
        }
    }

    /// Everything before the text: sender, recipient, `DATA`.
    async fn announce(connection: &mut AsyncSmtpConnection, message: &OutgoingMessage) -> Result<(), Failure> {
        let [recipient] = message.envelope.to() else {
            return Err(Failure::Permanent("a message has one recipient".to_owned()));
        };
        let mut parameters = Vec::new();
        let addresses = message.envelope.to().iter().chain(message.envelope.from());
        if !addresses.map(|address| address.as_ref()).all(str::is_ascii) {
            if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
                return Err(Failure::Permanent("the mail server does not take addresses of other scripts".to_owned()));
            }
            parameters.push(MailParameter::SmtpUtfEight);
        }
        let sender = message.envelope.from().cloned();
        answered(timeout(COMMAND, connection.command(Mail::new(sender, parameters))).await)?;
        answered(timeout(COMMAND, connection.command(Rcpt::new(recipient.clone(), Vec::new()))).await)?;
        answered(timeout(COMMAND, connection.command(Data)).await)
    }

    async fn keep(&self, connection: AsyncSmtpConnection) {
        let mut idle = self.idle.lock().await;
        if idle.len() < self.settings.pool_size {
            idle.push((connection, Monotonic::now()));
        }
    }
}

#[async_trait]
impl Transport for SmtpTransport {
    async fn send(&self, message: &OutgoingMessage) -> Delivery {
        let mut connection = match self.connection().await {
            Ok(connection) => connection,
            Err(Failure::Connection(detail) | Failure::Transient(detail) | Failure::Permanent(detail)) => {
                return Delivery::Unreachable { detail };
            }
        };
        match Self::announce(&mut connection, message).await {
            Ok(()) => {}
            Err(Failure::Connection(detail)) => return Delivery::Unreachable { detail },
            Err(Failure::Transient(detail)) => {
                self.keep(connection).await;
                return Delivery::Deferred { detail };
            }
            Err(Failure::Permanent(detail)) => {
                self.keep(connection).await;
                return Delivery::Refused { detail };
            }
        }
        match timeout(ANSWER, connection.message(&message.bytes)).await {
            Ok(Ok(_)) => {
                self.keep(connection).await;
                Delivery::Accepted
            }
            Ok(Err(error)) if error.is_permanent() => {
                self.keep(connection).await;
                Delivery::Refused { detail: describe(&error) }
            }
            Ok(Err(error)) if error.is_transient() => {
                self.keep(connection).await;
                Delivery::Deferred { detail: describe(&error) }
            }
            Ok(Err(error)) => Delivery::Unknown { detail: describe(&error) },
            Err(_) => Delivery::Unknown { detail: "the mail server did not say whether it took the message".to_owned() },
        }
    }
}

fn answered<T>(answer: Result<Result<T, SmtpError>, tokio::time::error::Elapsed>) -> Result<(), Failure> {
    match answer {
        Ok(Ok(_)) => Ok(()),
        // 421: the server closes the connection, whoever the message is for.
        Ok(Err(error)) if error.status().is_some_and(|code| u16::from(code) == 421) => Err(Failure::Connection(describe(&error))),
        Ok(Err(error)) if error.is_permanent() => Err(Failure::Permanent(describe(&error))),
        Ok(Err(error)) if error.is_transient() => Err(Failure::Transient(describe(&error))),
        Ok(Err(error)) => Err(Failure::Connection(describe(&error))),
        Err(_) => Err(Failure::Connection("the mail server does not answer".to_owned())),
    }
}

/// The reply code in what [`Delivery`] says of a mail server's answer; the rest of it often repeats the address.
pub fn reply_code(detail: &str) -> Option<&str> {
    let rest = ["transient error (", "permanent error ("].iter().find_map(|start| detail.strip_prefix(start))?;
    rest.get(..3).filter(|code| code.bytes().all(|byte| byte.is_ascii_digit()))
}

/// The error and what it came from, on one short line.
fn describe(error: &SmtpError) -> String {
    let mut text = error.to_string();
    if let Some(code) = error.status().filter(|code| !text.contains(&code.to_string())) {
        text = format!("{code} {text}");
    }
    text.chars().map(|letter| if letter.is_control() { ' ' } else { letter }).take(300).collect()
}
