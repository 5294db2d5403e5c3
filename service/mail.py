"""E-mail to staff, by the school's own server; without one, everything has a link to copy."""

import asyncio
import logging
import smtplib
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from service import logs, wires

PATIENCE = 20.0  # seconds

log = logging.getLogger(__name__)


class NoTLS(smtplib.SMTPException):
    """The server offers none, or somebody between us and it takes the offer away."""


class MailServer(Struct, frozen=True):
    """`smtps://` speaks TLS from the first byte, `smtp://` from the second sentence on, and
    `smtp+plain://` never. Only on this machine `smtp://` does without where it is not offered."""

    address: str
    sender: str

    async def send(self, to: str, subject: str, text: str) -> bool:
        """Whether the server took it. A mail that fails is logged without its address."""
        try:
            await asyncio.to_thread(self.hand_over, to, subject, text)
        except (OSError, ValueError, smtplib.SMTPException) as error:
            logs.trouble(log, "a mail was not sent", error)
            return False
        return True

    def hand_over(self, to: str, subject: str, text: str) -> None:
        """Raises OSError or SMTPException where the server does not take it, and ValueError for
        an address that can be of nobody."""
        message = EmailMessage()
        one_line = " ".join(subject.split())  # it may hold the name of a school
        message["From"], message["To"], message["Subject"] = self.sender, to, one_line
        message.set_content(text)
        with self.conversation() as server:
            server.send_message(message)

    @contextmanager
    def conversation(self) -> Iterator[smtplib.SMTP]:
        """Connected, under TLS unless the address says otherwise, and signed in. Raises NoTLS."""
        parts = urlsplit(self.address)
        secure = parts.scheme == "smtps"
        host, port = parts.hostname or "", parts.port or (465 if secure else 25)
        tls = ssl.create_default_context()
        server = (
            smtplib.SMTP_SSL(host, port, timeout=PATIENCE, context=tls)
            if secure
            else smtplib.SMTP(host, port, timeout=PATIENCE)
        )
        with server:
            server.ehlo()
            if parts.scheme == "smtp" and server.has_extn("starttls"):
                server.starttls(context=tls)
            elif parts.scheme == "smtp" and not wires.is_here(host):
                raise NoTLS
            if parts.username:
                server.login(unquote(parts.username), unquote(parts.password or ""))
            yield server
