"""Mails to staff, over a real mail server: sent at whole school hours, without content."""

import socket
from collections.abc import AsyncIterator
from datetime import datetime
from email import message_from_bytes
from email.message import Message

import pytest
from aiosmtpd.controller import Controller
from msgspec.structs import replace

from service import reminding
from service.mail import MailServer
from service.storage import schools, tenancy
from surveys.access import Role
from tests.house import ZONE, Running, served, settle


class Mailbox:
    def __init__(self) -> None:
        self.received: list[Message] = []

    async def handle_DATA(self, server, session, envelope) -> str:  # noqa: N802
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
            await schools.add_member(
                connection, running.cast.school, running.cast.people["omar"], Role.ADVISER
            )
        yield running


async def remind(house: Running) -> None:
    await reminding.remind(house.service.house)


async def test_the_adviser_is_told_at_the_next_whole_hour_and_of_nothing(
    mailing: Running, mailbox
) -> None:
    box, _ = mailbox
    async with mailing.visitor() as student:
        for _ in range(3):
            await student.post(f"/talk/{mailing.cast.school}", data={"name": "Robin de Wit"})
    await remind(mailing)
    assert not box.received
    mailing.clock.go(hours=1)
    await remind(mailing)
    await remind(mailing)
    [mail] = box.received
    assert mail["To"] == "omar@example.org"
    assert "Robin" not in mail.as_string()


async def test_a_mail_that_is_not_taken_is_sent_again(mailing: Running, mailbox) -> None:
    box, _ = mailbox
    house = mailing.service.house
    async with mailing.visitor() as student:
        await student.post(f"/talk/{mailing.cast.school}", data={"name": "Robin"})
    mailing.clock.go(hours=1)
    nowhere = MailServer("smtp://127.0.0.1:1", "stemlokaal@example.org")
    assert not await nowhere.send("omar@example.org", "hello", "hello")
    await reminding.remind(replace(house, mail=nowhere))
    assert not box.received
    await remind(mailing)
    assert len(box.received) == 1


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        ((2026, 9, 8, 10, 20), (2026, 9, 8, 11)),
        ((2026, 9, 8, 17, 5), (2026, 9, 9, 8)),
        ((2026, 9, 11, 18, 0), (2026, 9, 14, 8)),
        ((2026, 9, 12, 10, 0), (2026, 9, 14, 8)),
    ],
)
def test_mails_go_at_whole_hours_of_school_days(asked, told) -> None:
    assert reminding.next_school_hour(datetime(*asked, tzinfo=ZONE)) == datetime(*told, tzinfo=ZONE)
