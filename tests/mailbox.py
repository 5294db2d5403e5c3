"""A real mail server that keeps what it gets, and a service that has it."""

import socket
from collections.abc import AsyncIterator
from email import message_from_bytes
from email.message import Message

import pytest
from aiosmtpd.controller import Controller

from service.storage import people, tenancy
from surveys.access import Role
from tests.house import Running, served, settle


class Mailbox:
    def __init__(self) -> None:
        self.received: list[Message] = []

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802  aiosmtpd's name
        self.received.append(message_from_bytes(envelope.content))
        return "250 taken"


@pytest.fixture
async def mailbox() -> AsyncIterator[tuple[Mailbox, str]]:
    box = Mailbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, f"smtp://127.0.0.1:{port}"
    controller.stop()


@pytest.fixture
async def mailing(database: str, place, mailbox) -> AsyncIterator[Running]:
    _, smtp = mailbox
    async with served(database, place, smtp=smtp, mail_from="stemlokaal@example.org") as running:
        await settle(running)
        async with tenancy.school(running.service.house.pool, running.cast.school) as connection:
            await people.grant(
                connection, running.cast.school, running.cast.people["omar"], Role.ADVISER
            )
        yield running
