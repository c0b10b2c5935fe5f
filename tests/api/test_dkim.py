"""Signatures of messages: verified as a receiver would (RFC 6376, RFC 8463), with keys that openssl made."""

import base64
import hashlib
import re
import subprocess

import pytest

from support.mail import MailServer
from support.server import Server
from support.waiting import eventually

KEYS = {
    "rsa": ["openssl", "genpkey", "-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:2048"],
    "rsa, the old form": ["openssl", "genrsa", "-traditional", "2048"],
    "ed25519": ["openssl", "genpkey", "-algorithm", "ED25519"],
}


def openssl(*arguments):
    return subprocess.run(arguments, capture_output=True, check=True).stdout


def relaxed(name, value):
    return name.lower() + b":" + re.sub(rb"[ \t]+", b" ", value.replace(b"\r\n", b"")).strip()


def verify(content, public, folder):
    """Asserts that the signature of a message holds; its tags."""
    head, body = content.split(b"\r\n\r\n", 1)
    fields = [field.split(b":", 1) for field in re.split(rb"\r\n(?![ \t])", head)]
    [signature] = [value for name, value in fields if name.lower() == b"dkim-signature"]
    tags = dict(part.strip().split("=", 1) for part in re.sub(r"\s+", " ", signature.decode()).split(";"))
    assert tags["c"] == "relaxed/relaxed"
    lines = re.sub(rb"[ \t]+", b" ", body).replace(b" \r\n", b"\r\n").rstrip(b"\r\n") + b"\r\n"
    assert base64.b64decode(tags["bh"].replace(" ", "")) == hashlib.sha256(lines).digest(), "the body"
    values = {name.lower(): (name, value) for name, value in fields}
    signed = [relaxed(*values[name.encode()]) for name in tags["h"].replace(" ", "").split(":") if name.encode() in values]
    signed.append(relaxed(b"dkim-signature", re.sub(rb"([; \t\n]b=)[^;]*$", rb"\1", signature)))
    data = b"\r\n".join(signed)
    if tags["a"] == "ed25519-sha256":
        data = hashlib.sha256(data).digest()
    (folder / "signed").write_bytes(data)
    (folder / "signature").write_bytes(base64.b64decode(re.sub(r"\s", "", tags["b"])))
    digest = [] if tags["a"] == "ed25519-sha256" else ["-digest", "sha256"]
    openssl("openssl", "pkeyutl", "-verify", "-pubin", "-inkey", public, "-rawin", *digest, "-in", folder / "signed", "-sigfile", folder / "signature")
    return tags


def dkim(**settings):
    return {f"ROLLCALL_SMTP__DKIM_{name.upper()}": value for name, value in settings.items()}


@pytest.mark.parametrize("kind", KEYS)
def test_a_receiver_can_verify_a_message(kind, tmp_path):
    key, public = tmp_path / "key.pem", tmp_path / "public.pem"
    key.write_bytes(openssl(*KEYS[kind]))
    public.write_bytes(openssl("openssl", "pkey", "-in", key, "-pubout"))
    with MailServer() as mail:
        settings = dkim(domain="test.example", selector="autumn", key_file=key)
        server = Server(tmp_path / "data", **mail.settings(), **settings).init().start()
        try:
            admin = server.sign_in()
            campaign = admin.post("/api/v1/campaigns", json={
                "name": "Signed", "segment_id": admin.segment("nobody", {"everyone": True})["id"], "subject": "Zoë's  evening " * 8,
                "body_format": "html", "body": "<p>Good  evening, Zoë </p>" * 40 + "<a href='{{ unsubscribe_url }}'>Unsubscribe</a>",
                "from_name": "Lanterne, Paris", "from_address": "news@test.example",
            })
            admin.post(f"/api/v1/campaigns/{campaign['id']}/test", json={"address": "me@test.example"}, status=202)
            [taken] = eventually(lambda: mail.taken, what="the message")
        finally:
            server.stop()
    tags = verify(taken.content, public, tmp_path)
    assert (tags["d"], tags["s"]) == ("test.example", "autumn")
    assert {"from", "to", "subject", "date", "list-unsubscribe", "list-unsubscribe-post"} <= set(tags["h"].replace(" ", "").split(":"))
    with pytest.raises((subprocess.CalledProcessError, AssertionError)):
        verify(taken.content.replace(b"Subject:", b"Subject: not"), public, tmp_path)


@pytest.mark.parametrize(("settings", "says"), [
    (dkim(domain="test.example"), "set all three or none"),
    (dkim(domain="test.example", selector="s", key_file="/does/not/exist.pem"), "/does/not/exist.pem"),
    (dkim(domain="test.example", selector="s", key_file=__file__), "not a private key"),
])
def test_half_a_signature_stops_the_start(settings, says, tmp_path):
    server = Server(tmp_path / "data", **settings)
    process = server.launch()
    assert process.wait(30) != 0
    assert says in server.log_tail()
