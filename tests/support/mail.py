"""A mail server that writes down what it took, and can be slow, deaf or choosy."""

import email
import email.policy
import threading
import time

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP

from support.server import free_port


class Taken:
    def __init__(self, sender, recipient, content):
        self.sender, self.recipient, self.content = sender, recipient, content
        self.message = email.message_from_bytes(content, policy=email.policy.default)

    @property
    def text(self):
        return self.message.get_body(("plain",)).get_content()

    @property
    def html(self):
        return self.message.get_body(("html",)).get_content()


class _Listener(Controller):
    def factory(self):
        return SMTP(self.handler, hostname="mail.test.example", enable_SMTPUTF8=True)


class MailServer:
    """`refuse(address)` gives an SMTP answer that is not 250, or nothing; `delay` is the seconds that each message takes."""

    def __init__(self, delay=0.0, refuse=None):
        self.taken, self.delay, self.refuse = [], delay, refuse
        self.lock = threading.Lock()
        self.port = free_port()
        self.listener = _Listener(self, hostname="127.0.0.1", port=self.port)

    def settings(self):
        return {"ROLLCALL_SMTP__HOST": "127.0.0.1", "ROLLCALL_SMTP__PORT": self.port, "ROLLCALL_SMTP__TLS": "none"}

    async def handle_RCPT(self, _server, _session, envelope, address, _options):
        if self.refuse and (answer := self.refuse(address)):
            return answer
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server, _session, envelope):
        with self.lock:
            self.taken += [Taken(envelope.mail_from, address, envelope.content) for address in envelope.rcpt_tos]
        if self.delay:
            time.sleep(self.delay)  # one message at a time, as a busy relay: the whole listener waits
        return "250 taken"

    def recipients(self):
        with self.lock:
            return [taken.recipient for taken in self.taken]

    def __enter__(self):
        self.listener.start()
        return self

    def __exit__(self, *_):
        self.listener.stop()
