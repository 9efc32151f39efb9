"""An SMTP server for tests: PyPI's aiosmtpd, which does as it is told."""

import asyncio

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult
from packd_testing.daemon import free_port
from packd_testing.waiting import wait_for


class MailServer(Controller):
    """Keeps what it accepts, as (envelope, whether it came over TLS). `answer` is what it says to
    the end of a mail; None hangs up there, and while it `is_silent` it says nothing.
    `sender_answer` and `recipient_answer` come before."""

    def __init__(self, context=None, login=None):
        self.context = context
        # (user, password), without which it takes nothing.
        self.login = login
        self.answer = "250 OK"
        self.sender_answer = "250 OK"
        self.recipient_answer = "250 OK"
        self.is_silent = False
        self.mails = []
        self.tries = 0
        super().__init__(self, hostname="127.0.0.1", port=free_port())

    @property
    def url(self):
        return f"smtp://127.0.0.1:{self.port}"

    def factory(self):
        return SMTP(
            self, tls_context=self.context, auth_required=self.login is not None,
            authenticator=self.authenticate)

    def authenticate(self, server, session, envelope, mechanism, data):
        given = (data.login.decode(), data.password.decode())
        return AuthResult(success=given == self.login)

    async def handle_MAIL(self, server, session, envelope, address, options):
        if self.sender_answer.startswith("250"):
            envelope.mail_from = address
        return self.sender_answer

    async def handle_RCPT(self, server, session, envelope, address, options):
        if self.recipient_answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.recipient_answer

    async def handle_DATA(self, server, session, envelope):
        self.tries += 1
        if self.answer is None:
            server.transport.abort()
            return "421 Gone"
        if self.answer.startswith("250"):
            self.mails.append((envelope, session.ssl is not None))
        while self.is_silent:
            await asyncio.sleep(0.02)
        return self.answer

    def wait(self, count=1):
        """The first mails, once there are so many."""
        wait_for(lambda: len(self.mails) >= count)
        return self.mails[:count]
