"""A forgotten password: a link by e-mail, which tells nobody who has an account here."""

import asyncio
import re
from email.message import Message

import pytest

from service import retention
from tests.house import PASSWORD, Running
from tests.mailbox import Mailbox
from tests.pages.living import look
from tests.phones import set_up, shows

ILSE = {"email": "ilse@example.org", "password": PASSWORD}
ANOTHER = {"password": "fiets lamp kaas wolk"}


async def mails(box: Mailbox, number: int) -> list[Message]:
    async with asyncio.timeout(10):
        while len(box.received) < number:
            await asyncio.sleep(0.02)
    return box.received


def text_of(mail: Message) -> str:
    content = mail.get_payload(decode=True)
    assert isinstance(content, bytes)
    return content.decode()


async def link_for(house: Running, box: Mailbox, email: str = " Ilse@example.org") -> str:
    before = len(box.received)
    async with house.visitor() as visitor:
        assert (await visitor.post("/forgotten", data={"email": email})).status_code == 200
    found = re.search(r"http\S+(/passwords/\w{32})", text_of((await mails(box, before + 1))[-1]))
    assert found
    return found[1]


async def test_a_link_comes_by_mail_and_changes_the_password_once(
    mailing: Running, mailbox: tuple[Mailbox, str]
) -> None:
    box, _ = mailbox
    link = await link_for(mailing, box)
    visitor, second = mailing.visitor("en"), mailing.visitor()
    assert "ilse@example.org" in (await visitor.get(link)).text
    done = await visitor.post(link, data=ANOTHER)
    assert "Your password is changed. Sign in with the new one." in done.text
    assert "stemlokaal" not in visitor.cookies
    assert (await second.get(link)).status_code == 404
    assert (await second.post(link, data=ANOTHER)).status_code == 404
    assert (await visitor.post("/signin", data=ILSE)).status_code == 422
    assert (await visitor.post("/signin", data={**ILSE, **ANOTHER})).status_code == 303
    told = text_of((await mails(box, 2))[1])
    assert "Je wachtwoord is gewijzigd." in told
    verbs = await look(mailing, "select array_agg(verb order by verb) from audit")
    assert verbs == ["password changed", "password reset asked"]


async def test_the_answer_does_not_tell_who_has_an_account(
    mailing: Running, mailbox: tuple[Mailbox, str]
) -> None:
    async with mailing.visitor() as visitor:
        one, other = [
            (await visitor.post("/forgotten", data={"email": f"{name}@example.org"})).text
            for name in ("ilse", "else")
        ]
    assert one.replace("ilse", "else") == other
    box, _ = mailbox
    assert [mail["To"] for mail in await mails(box, 1)] == ["ilse@example.org"]


async def test_a_link_holds_an_hour_and_is_kept_as_a_hash(
    mailing: Running, mailbox: tuple[Mailbox, str]
) -> None:
    link = await link_for(mailing, mailbox[0])
    kept = await look(mailing, "select token_hash from password_reset")
    assert link[-32:] not in kept.hex()
    async with mailing.visitor() as visitor:
        mailing.clock.go(minutes=59)
        assert (await visitor.get(link)).status_code == 200
        mailing.clock.go(minutes=2)
        assert (await visitor.get(link)).status_code == 404
        assert (await visitor.post(link, data=ANOTHER)).status_code == 404
        assert (await visitor.get("/passwords/" + "0" * 32)).status_code == 404
    keeper = mailing.service.keeper
    await retention.end_lives(keeper.pool, mailing.clock(), keeper.keys.destroy)
    assert await look(mailing, "select count(*) from password_reset") == 0


async def test_all_sessions_end_and_the_phone_is_asked_as_before(
    mailing: Running, mailbox: tuple[Mailbox, str]
) -> None:
    """Who reads somebody's mail alone comes in nowhere."""
    teacher = await mailing.staff("ilse")
    secret, _ = await set_up(teacher, mailing.clock())
    mailing.clock.go(seconds=31)
    await mails(mailbox[0], 1)
    link, earlier = [await link_for(mailing, mailbox[0]) for _ in range(2)]
    visitor = mailing.visitor()
    await visitor.post(link, data=ANOTHER)
    assert (await teacher.get("/classes")).status_code == 303
    assert (await visitor.get(earlier)).status_code == 404
    reply = await visitor.post("/signin", data={**ILSE, **ANOTHER})
    assert reply.headers["location"].startswith("/signin/code")
    assert (await visitor.get("/classes")).status_code == 303
    code = {"code": shows(secret, mailing.clock())}
    assert (await visitor.post("/signin/code", data=code)).status_code == 303


async def test_a_password_that_is_refused_leaves_the_link_as_it_was(
    mailing: Running, mailbox: tuple[Mailbox, str]
) -> None:
    link = await link_for(mailing, mailbox[0])
    async with mailing.visitor("en") as visitor:
        for wrong in "short", "HetKompas2026!", "password1234":
            assert (await visitor.post(link, data={"password": wrong})).status_code == 422
        dutch = await visitor.post(link, data={**ANOTHER, "language": "nl"})
        assert (dutch.status_code, "Kies een ander wachtwoord" in dutch.text) == (200, True)
        assert (await visitor.post(link, data=ANOTHER)).status_code == 200


async def test_nobody_fills_somebodys_box(mailing: Running, mailbox: tuple[Mailbox, str]) -> None:
    box, _ = mailbox
    async with mailing.visitor() as visitor:
        for _ in range(5):
            await visitor.post("/forgotten", data={"email": "ilse@example.org"})
        await visitor.post("/forgotten", data={"email": "omar@example.org"})
    received = await mails(box, 4)
    assert sorted(mail["To"] for mail in received) == ["ilse@example.org"] * 3 + [
        "omar@example.org"
    ]


@pytest.mark.parametrize("email", ["", "ilse", "ilse@", "a b@example.org", "x" * 5000])
async def test_what_is_no_address_comes_back(mailing: Running, email: str) -> None:
    async with mailing.visitor("en") as visitor:
        reply = await visitor.post("/forgotten", data={"email": email})
    assert (reply.status_code, "not a whole e-mail address" in reply.text) == (422, True)


async def test_without_a_mail_server_the_page_says_who_can_help(house: Running) -> None:
    async with house.visitor("en") as visitor:
        assert 'href="/forgotten"' in (await visitor.get("/signin")).text
        page = (await visitor.get("/forgotten")).text
        assert "whoever looks after the computer" in page
        assert "<form id=" not in page
        await visitor.post("/forgotten", data={"email": "ilse@example.org"})
    assert await look(house, "select count(*) from password_reset") == 0


async def test_a_changed_account_tells_its_owner_by_mail(
    mailing: Running, mailbox: tuple[Mailbox, str]
) -> None:
    box, _ = mailbox
    teacher = await mailing.staff("ilse")
    _, codes = await set_up(teacher, mailing.clock())
    visitor = mailing.visitor()
    await visitor.post("/signin", data=ILSE)
    await visitor.post("/signin/code", data={"recovery": codes[0]})
    mine = {"password": PASSWORD}
    await visitor.post("/account/second-factor/codes", data=mine)
    await visitor.post("/account/second-factor/removal", data=mine)
    await visitor.post("/account/password", data={"present": PASSWORD, **ANOTHER})
    received = await mails(box, 5)
    assert {mail["To"] for mail in received} == {"ilse@example.org"}
    told = " ".join(text_of(mail) for mail in received)
    for words in (
        "vraagt je account naast het wachtwoord een code",
        "met een van je herstelcodes",
        "nieuwe herstelcodes gemaakt",
        "vraagt geen code op een telefoon meer",
        "Je wachtwoord is gewijzigd",
    ):
        assert words in told
    assert not any(code in told for code in codes)
