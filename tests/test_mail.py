"""Mails to staff, over a real mail server: sent at whole school hours, without content."""

import asyncio
import re
from datetime import datetime
from email.header import decode_header, make_header
from email.message import Message

import httpx
import pytest
from msgspec.structs import replace

from service import reminding
from service.mail import MailServer
from surveys.rounds import Survey
from tests.governors import says_yes, seated, withdraws
from tests.house import ZONE, Running, served, settle
from tests.pages.test_answering import GOOD
from tests.pages.test_composing import FORM, asked, compose
from tests.pages.test_rosters import import_
from tests.pages.test_waves import filled, open_wave
from tests.rosters import a_school, files


def text(mail: Message) -> str:
    body = mail.get_payload(decode=True)
    assert isinstance(body, bytes)
    return body.decode()


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
    moment, hour = at(*asked), at(*told)
    assert reminding.next_school_hour(moment) == hour


def at(year: int, month: int, day: int, hour: int, minute: int = 0) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=ZONE)


async def planned(mailing: Running, weeks: str) -> tuple[httpx.AsyncClient, Survey]:
    """A survey that was asked this Tuesday, and is to be asked every so many weeks."""
    teacher, survey = await mailing.staff("ilse"), await mailing.survey("2B")
    round_id = await mailing.open_round(teacher, survey)
    code = await mailing.code(teacher, round_id)
    for _ in range(9):
        await mailing.answer(code, GOOD)
    await mailing.close(teacher, round_id)
    await teacher.post(f"/surveys/{survey.survey_id}/plan", data={"weeks": weeks})
    return teacher, survey


async def mornings(mailing: Running, days: int) -> None:
    for _ in range(days):
        mailing.clock.go(days=1)
        await remind(mailing)
        await remind(mailing)


async def test_a_teacher_is_told_on_the_morning_that_was_planned(mailing: Running, mailbox) -> None:
    box, _ = mailbox
    teacher, survey = await planned(mailing, "2")
    page = (await teacher.get(f"/surveys/{survey.survey_id}")).text
    assert "Gepland voor dinsdag 22 september" in page
    await mornings(mailing, 13)
    assert not box.received
    mailing.clock.go(hours=21.5)  # half past seven
    await remind(mailing)
    assert not box.received
    mailing.clock.go(hours=1)
    await remind(mailing)
    [mail] = box.received
    assert mail["To"] == "ilse@example.org"
    assert "2B" in str(make_header(decode_header(mail["Subject"])))
    assert f"/surveys/{survey.survey_id}/ask" in text(mail)


async def test_who_does_not_ask_is_told_again_a_plan_later_and_not_every_morning(
    mailing: Running, mailbox
) -> None:
    box, _ = mailbox
    await planned(mailing, "2")
    await mornings(mailing, 27)
    assert len(box.received) == 1
    await mornings(mailing, 1)
    assert len(box.received) == 2


async def test_who_has_asked_meanwhile_is_not_told(mailing: Running, mailbox) -> None:
    box, _ = mailbox
    _, survey = await planned(mailing, "2")
    await mornings(mailing, 10)
    teacher = await mailing.staff("ilse")
    await mailing.close(teacher, await mailing.open_round(teacher, survey))
    await mornings(mailing, 13)
    assert not box.received
    await mornings(mailing, 1)
    assert len(box.received) == 1


async def test_a_plan_that_ended_rings_no_more(mailing: Running, mailbox) -> None:
    box, _ = mailbox
    teacher, survey = await planned(mailing, "1")
    await teacher.post(f"/surveys/{survey.survey_id}/plan", data={"weeks": ""})
    await mornings(mailing, 9)
    assert not box.received


async def test_a_mail_about_a_round_that_is_not_taken_is_sent_again(
    mailing: Running, mailbox
) -> None:
    box, _ = mailbox
    await planned(mailing, "1")
    mailing.clock.go(days=7)
    nowhere = MailServer("smtp://127.0.0.1:1", "stemlokaal@example.org")
    await reminding.remind(replace(mailing.service.house, mail=nowhere))
    await remind(mailing)
    assert len(box.received) == 1


async def test_nobody_else_plans(mailing: Running) -> None:
    _, survey = await planned(mailing, "1")
    for name in ("omar", "wim", "ada", "eva"):
        other = await mailing.staff(name)
        reply = await other.post(f"/surveys/{survey.survey_id}/plan", data={"weeks": "8"})
        assert reply.status_code == 404
    teacher = await mailing.staff("ilse")
    for weeks in ("0", "9", "-1", "two"):
        reply = await teacher.post(f"/surveys/{survey.survey_id}/plan", data={"weeks": weeks})
        assert reply.status_code == 404


async def test_changed_questions_take_the_plan_along(mailing: Running, mailbox) -> None:
    box, _ = mailbox
    teacher = await mailing.staff("ilse")
    before = await compose(mailing, teacher)
    await asked(mailing, teacher, before)
    await teacher.post(f"/surveys/{before.survey_id}/plan", data={"weeks": "2"})
    await teacher.post(f"/surveys/{before.survey_id}/compose", data={**FORM, "name": "Anders"})
    await mornings(mailing, 13)
    assert not box.received
    await mornings(mailing, 1)
    [mail] = box.received
    assert "Anders" in text(mail)


async def test_teachers_are_told_which_of_their_classes_the_school_asks(
    mailing: Running, mailbox
) -> None:
    box, _ = mailbox
    leader = await mailing.staff("wim")
    for name in ("2C", "2D", "2E"):
        await mailing.add_class(name, 12, teacher="ilse" if name == "2C" else "omar")
    wave_id = await open_wave(mailing, leader, filled(mailing))
    await remind(mailing)
    mails = {mail["To"]: text(mail) for mail in box.received}
    assert set(mails) == {"ilse@example.org", "omar@example.org"}
    assert [mails["omar@example.org"].count(name) for name in ("2C", "2D", "2E")] == [0, 1, 1]
    stopped, *_ = re.findall(r"/rounds/([0-9a-f-]{36})", mails["ilse@example.org"])
    await (await mailing.staff("ilse")).post(f"/rounds/{stopped}/closure")
    await leader.post(f"/waves/{wave_id}/reminders")
    await remind(mailing)
    assert [mail["To"] for mail in box.received[2:]] == ["omar@example.org"]
    assert "2B" not in "".join(map(text, box.received))


# People


NOOR = {"name": "Noor", "email": "noor@example.org", "role": "teacher"}


async def test_an_invitation_is_mailed_and_its_link_is_shown_as_well(
    mailing: Running, mailbox
) -> None:
    box, _ = mailbox
    administrator = await mailing.staff("ada")
    page = (await administrator.post("/school/invitations", data=NOOR)).text
    link = re.search(r"/invitations/\w{32}", page)
    assert link
    [mail] = box.received
    assert mail["To"] == "noor@example.org"
    assert mailing.url + link[0] in text(mail)
    assert "Het Kompas" in str(make_header(decode_header(mail["Subject"])))


async def test_without_a_mail_that_was_taken_the_page_says_to_send_the_link(
    database: str, place
) -> None:
    nowhere = "smtp://127.0.0.1:1"
    async with served(database, place, smtp=nowhere, mail_from="s@example.org") as running:
        await settle(running)
        administrator = await running.staff("ada", language="en")
        page = (await administrator.post("/school/invitations", data=NOOR)).text
    assert "The mail server did not take the e-mail." in page
    assert re.search(r"/invitations/\w{32}", page)


@pytest.mark.parametrize(
    ("by", "role", "told"),
    [("ada", "leader", True), ("wim", "adviser", True), ("ada", "administrator", False)],
)
async def test_all_leaders_are_told_that_somebody_got_a_role_and_not_who(
    mailing: Running, mailbox, by: str, role: str, told: bool
) -> None:
    box, _ = mailbox
    giver = await mailing.staff(by)
    await giver.post(f"/school/people/{mailing.cast.people['ilse']}/roles", data={"role": role})
    await remind(mailing)
    assert not box.received
    mailing.clock.go(hours=1)
    await remind(mailing)
    leaders = {"wim@example.org"} | ({"ilse@example.org"} if role == "leader" else set())
    assert {mail["To"] for mail in box.received} == (leaders if told else set())
    assert not any("Ilse" in text(mail).replace("Ilse,", "") for mail in box.received)


async def test_who_comes_in_by_an_invitation_is_told_of_as_well(mailing: Running, mailbox) -> None:
    box, _ = mailbox
    administrator = await mailing.staff("ada")
    page = (await administrator.post("/school/invitations", data=NOOR)).text
    link = re.search(r"/invitations/\w{32}", page)
    assert link
    async with mailing.visitor() as noor:
        await noor.post(link[0], data={"password": "four words that differ"})
    mailing.clock.go(hours=1)
    await remind(mailing)
    assert [mail["To"] for mail in box.received] == ["noor@example.org", "wim@example.org"]


async def test_whoever_can_stop_the_deletion_of_a_school_is_told_at_once(
    mailing: Running, mailbox
) -> None:
    box, _ = mailbox
    administrator = await mailing.staff("ada")
    await administrator.post("/school/deletion", data={"school": "Het Kompas"})
    await remind(mailing)
    assert {mail["To"] for mail in box.received} == {"ada@example.org", "wim@example.org"}


async def test_all_who_come_with_an_import_get_their_own_link(mailing: Running, mailbox) -> None:
    box, _ = mailbox
    administrator = await mailing.staff("ada", "en")
    done = await import_(administrator, files(a_school(classes=2, teachers=6)))
    assert "6 e-mails with an invitation are on their way" in done.text
    async with asyncio.timeout(10):
        while len(box.received) < 6:
            await asyncio.sleep(0.01)
    sent = {
        str(mail["To"]): re.findall(r"/invitations/(\w{32})", text(mail)) for mail in box.received
    }
    assert sent.keys() == {f"docent{n}@example.org" for n in range(6)}
    assert len({link for (link,) in sent.values()}) == 6
    for address, (link,) in sent.items():
        assert re.search(rf"{address}\s+\S+/invitations/{link}", done.text)


async def test_every_leader_is_told_who_outside_the_school_sees_it(
    mailing: Running, mailbox
) -> None:
    box, _ = mailbox
    await seated(mailing)
    leader = await mailing.staff("wim")
    await says_yes(mailing, leader)
    await withdraws(mailing, leader)
    mailing.clock.go(hours=1)
    await remind(mailing)
    (mail,) = box.received
    assert mail["To"] == "wim@example.org"
    assert "/school/outside" in text(mail)
    assert "Stichting" not in text(mail)
