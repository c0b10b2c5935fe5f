use super::*;

fn rendered() -> Rendered {
    Rendered {
        subject: "Hello Zoë, what is on".to_owned(),
        html: format!("<p>Good evening, Zoë</p><p>{}</p>", "long ".repeat(300)),
        text: "Good evening, Zoë\n".to_owned(),
        missing: Vec::new(),
        warnings: Vec::new(),
    }
}

fn context() -> MessageContext<'static> {
    MessageContext {
        address: "zoe@example.org",
        campaign: "0192f0c4-7b6e-7c1d-8000-000000000001",
        reader: "00112233445566778899aabb",
        unsubscribe_url: "https://rollcall.example/u/abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnop",
        date: Instant(1_795_219_200_000_000),
    }
}

fn sender(dkim: Option<Arc<Dkim>>) -> Sender {
    Sender::new("Lanterne, Paris", "news@lanterne.example", "Lanterne SA", dkim).unwrap()
}

/// Header lines, unfolded.
fn headers(bytes: &[u8]) -> Vec<(String, String)> {
    let text = std::str::from_utf8(bytes).unwrap();
    let (head, _) = text.split_once("\r\n\r\n").unwrap();
    let unfolded = head.replace("\r\n ", " ");
    unfolded
        .split("\r\n")
        .map(|line| line.split_once(": ").unwrap())
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect()
}

fn header(bytes: &[u8], name: &str) -> String {
    let found: Vec<String> = headers(bytes).into_iter().filter(|(own, _)| own == name).map(|(_, value)| value).collect();
    assert_eq!(found.len(), 1, "{name}");
    found[0].clone()
}

#[test]
fn headers_of_a_bulk_sender() {
    let message = sender(None).message(&rendered(), &context()).unwrap();
    let of = |name: &str| header(&message.bytes, name);
    assert_eq!(of("From"), "=?utf-8?b?TGFudGVybmUsIFBhcmlz?= <news@lanterne.example>");
    assert_eq!(of("To"), "zoe@example.org");
    assert!(of("Subject").contains("=?utf-8?b?") && of("Date").starts_with("Sat, 21 Nov 2026"), "{}", of("Date"));
    assert_eq!(of("Message-ID"), "<0192f0c4-7b6e-7c1d-8000-000000000001.00112233445566778899aabb@lanterne.example>");
    assert_eq!(of("Message-ID"), message.message_id);
    assert_eq!(of("List-Unsubscribe"), format!("<{}>", context().unsubscribe_url));
    assert_eq!(of("List-Unsubscribe-Post"), "List-Unsubscribe=One-Click");
    assert_eq!(of("List-Id"), "<campaigns.lanterne.example>");
    assert_eq!(of("Feedback-ID"), "0192f0c4-7b6e-7c1d-8000-000000000001:campaign:rollcall:Lanterne-SA");
    assert_eq!(of("MIME-Version"), "1.0");
    assert!(of("Content-Type").starts_with("multipart/alternative"));
    let text = String::from_utf8(message.bytes.clone()).unwrap();
    assert!(text.find("text/plain").unwrap() < text.find("text/html").unwrap(), "the richest part is the last");
    assert!(text.is_ascii() && text.split("\r\n").all(|line| line.len() <= 998 && !line.contains(['\r', '\n'])));
    assert_eq!(message.envelope.to().len(), 1);
}

#[test]
fn the_same_mail_has_the_same_bytes() {
    let bytes = || sender(None).message(&rendered(), &context()).unwrap().bytes;
    assert_eq!(bytes(), bytes());
}

#[test]
fn nothing_gets_into_the_headers() {
    let subject = Rendered { subject: "Hi\r\nBcc: all@example.org".to_owned(), ..rendered() };
    let message = sender(None).message(&subject, &context()).unwrap();
    assert!(headers(&message.bytes).iter().all(|(name, _)| name != "Bcc"));
    let with = |change: MessageContext<'static>| sender(None).message(&rendered(), &change);
    assert!(with(MessageContext { address: "a@example.org\r\nBcc: b@example.org", ..context() }).is_err());
    assert!(with(MessageContext { unsubscribe_url: "https://x/\r\nBcc: b@example.org", ..context() }).is_err());
    assert!(with(MessageContext { unsubscribe_url: "javascript:x", ..context() }).is_err());
    let odd = with(MessageContext { campaign: "a>\r\nBcc: b", ..context() }).unwrap();
    assert!(odd.message_id.starts_with("<a---Bcc--b."));
    assert!(Sender::new("A\nB", "a@example.org", "O", None).is_err());
    assert!(Sender::new("A", "nobody", "O", None).is_err());
}

#[test]
fn dkim_signs_what_one_click_unsubscribing_needs() {
    let key = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n-----END PRIVATE KEY-----\n";
    let dkim = Dkim::new("s1", "lanterne.example", key).unwrap();
    let message = sender(Some(Arc::new(dkim))).message(&rendered(), &context()).unwrap();
    let signature = header(&message.bytes, "DKIM-Signature");
    let last = headers(&message.bytes).pop().unwrap().0;
    assert_eq!(last, "DKIM-Signature", "a header after it would be one that was not there to be signed");
    for part in [
        "a=ed25519-sha256",
        "d=lanterne.example",
        "s=s1",
        "c=relaxed/relaxed",
        "list-unsubscribe:list-unsubscribe-post",
        "from:to:subject:date",
    ] {
        assert!(signature.contains(part), "{part} in {signature}");
    }
}
