//! Against a scripted server on loopback; real mail servers are in the integration tests.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use lettre::address::Envelope;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

use super::*;

/// What the server does at a stage of a message.
#[derive(Clone, Copy, PartialEq)]
enum Script {
    Willing,
    /// Answers the stage with this line.
    Says(&'static str, &'static str),
    /// Closes the connection at the stage.
    Closes(&'static str),
}

struct Server {
    port: u16,
    connections: Arc<AtomicUsize>,
}

async fn server(script: Script) -> Server {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let connections = Arc::new(AtomicUsize::new(0));
    let counter = connections.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            counter.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(talk(stream, script));
        }
    });
    Server { port, connections }
}

async fn talk(stream: TcpStream, script: Script) -> std::io::Result<()> {
    let mut stream = BufReader::new(stream);
    stream.write_all(b"220 mail.test ESMTP\r\n").await?;
    let (mut line, mut in_text) = (String::new(), false);
    loop {
        line.clear();
        if stream.read_line(&mut line).await? == 0 {
            return Ok(());
        }
        let stage = match line.get(..4).unwrap_or_default() {
            _ if in_text && line == ".\r\n" => "END",
            _ if in_text => continue,
            "EHLO" => "EHLO",
            "MAIL" => "MAIL",
            "RCPT" => "RCPT",
            "DATA" => "DATA",
            _ => "OTHER",
        };
        let usual = match stage {
            "DATA" => "354 go on",
            _ => "250 OK",
        };
        let answer = match script {
            Script::Closes(at) if at == stage => return Ok(()),
            Script::Says(at, answer) if at == stage => answer,
            _ => usual,
        };
        in_text = stage == "DATA" && answer.starts_with('3');
        stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
}

fn transport(port: u16) -> SmtpTransport {
    let settings = SmtpSettings {
        host: "127.0.0.1".to_owned(),
        port,
        tls: TlsMode::None,
        user: None,
        password: String::new(),
        pool_size: 2,
    };
    SmtpTransport::new(settings).unwrap()
}

fn message() -> OutgoingMessage {
    let envelope = Envelope::new(Some("a@example.org".parse().unwrap()), vec!["b@example.org".parse().unwrap()]).unwrap();
    OutgoingMessage { envelope, bytes: b"Subject: x\r\n\r\n.dot\r\n".to_vec(), message_id: "<x@y>".to_owned() }
}

async fn sent(script: Script) -> Delivery {
    transport(server(script).await.port).send(&message()).await
}

#[tokio::test]
async fn what_the_server_says_is_what_is_known() {
    assert_eq!(sent(Script::Willing).await, Delivery::Accepted);
    for stage in ["MAIL", "RCPT", "DATA", "END"] {
        let refused = sent(Script::Says(stage, "550 no such mailbox")).await;
        assert!(
            matches!(&refused, Delivery::Refused { detail } if detail.contains("550") && detail.contains("no such mailbox")),
            "{stage}: {refused:?}"
        );
        let deferred = sent(Script::Says(stage, "451 b@example.org later")).await;
        let Delivery::Deferred { detail } = &deferred else { panic!("{stage}: {deferred:?}") };
        assert_eq!(reply_code(detail), Some("451"), "{detail}");
    }
    assert!(matches!(sent(Script::Says("MAIL", "421 closing")).await, Delivery::Unreachable { .. }));
}

#[tokio::test]
async fn only_after_the_text_nobody_knows() {
    for stage in ["EHLO", "MAIL", "RCPT", "DATA"] {
        let broken = sent(Script::Closes(stage)).await;
        assert!(matches!(broken, Delivery::Unreachable { .. }), "{stage}: {broken:?}");
    }
    let broken = sent(Script::Closes("END")).await;
    assert!(matches!(broken, Delivery::Unknown { .. }), "{broken:?}");
}

#[tokio::test]
async fn a_server_that_is_not_there() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    let Delivery::Unreachable { detail } = transport(port).send(&message()).await else { panic!("reached") };
    assert_eq!(reply_code(&detail), None, "{detail}");
}

#[tokio::test]
async fn connections_are_used_again_also_after_a_refusal() {
    let server = server(Script::Says("RCPT", "550 no")).await;
    let transport = transport(server.port);
    for _ in 0..3 {
        assert!(matches!(transport.send(&message()).await, Delivery::Refused { .. }));
    }
    assert_eq!(server.connections.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn no_mail_without_the_protection_that_was_asked_for() {
    let server = server(Script::Willing).await;
    let settings = SmtpSettings { tls: TlsMode::StartTls, ..transport(server.port).settings.clone() };
    assert!(matches!(SmtpTransport::new(settings).unwrap().send(&message()).await, Delivery::Unreachable { .. }));
}
