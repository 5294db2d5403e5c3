"""One-time cards: each answers once, none twice, and the class's code alone opens nothing."""

import asyncio
import re

import asyncpg

from tests.house import Running
from tests.pages.living import look
from tests.pages.test_answering import GOOD, envelopes

AN_ENVELOPE = """
    insert into envelope (school_id, round_id, ballot, receipt, sealed)
    select school_id, round_id, decode(repeat('00', 32), 'hex'), decode(repeat('00', 32), 'hex'), ''
    from round
"""
WAITING = "select count(*) from pg_locks where not granted"
SYMBOLS = re.compile(r"<b>([0-9A-Z]{5} [0-9A-Z]{5})</b>")


async def cards(house: Running, teacher, round_id: str) -> list[str]:
    page = await teacher.post(f"/rounds/{round_id}/cards")
    assert page.status_code == 200
    return [symbols.replace(" ", "") for symbols in SYMBOLS.findall(page.text)]


async def test_there_is_a_card_for_each_student_and_each_works_once(house: Running) -> None:
    teacher = await house.staff("ilse")
    round_id = await house.open_round(teacher, await house.survey("2B"), cards="yes", members="12")
    sheet = await cards(house, teacher, round_id)
    assert len(set(sheet)) == 12
    for card in sheet:
        assert (await house.answer(card, GOOD)).status_code == 200
    again = await house.answer(sheet[0], GOOD)
    assert again.status_code == 409
    assert await envelopes(house) == 12


async def test_the_class_code_asks_for_a_card(house: Running) -> None:
    teacher = await house.staff("ilse")
    round_id = await house.open_round(teacher, await house.survey("2B"), cards="yes")
    code = await house.code(teacher, round_id)
    reply = await house.answer(code, GOOD)
    assert reply.status_code == 403
    assert 'name="code"' in reply.text
    assert await envelopes(house) == 0


async def test_a_new_sheet_ends_the_one_before_until_somebody_answered(house: Running) -> None:
    teacher = await house.staff("ilse")
    round_id = await house.open_round(teacher, await house.survey("2B"), cards="yes", members="3")
    lost = await cards(house, teacher, round_id)
    sheet = await cards(house, teacher, round_id)
    assert not set(lost) & set(sheet)
    assert (await house.answer(lost[0], GOOD)).status_code == 404
    assert (await house.answer(sheet[0], GOOD)).status_code == 200
    assert await cards(house, teacher, round_id) == []
    await teacher.post(f"/rounds/{round_id}/places", data={"more": "1"})
    assert len(await cards(house, teacher, round_id)) == 1
    assert (await house.answer(sheet[1], GOOD)).status_code == 200


async def test_no_card_is_replaced_while_it_is_being_used(house: Running) -> None:
    """Its student could draw another one, and answer twice."""
    teacher = await house.staff("ilse")
    round_id = await house.open_round(teacher, await house.survey("2B"), cards="yes", members="3")
    await cards(house, teacher, round_id)
    student = await asyncpg.connect(house.dsn)
    try:
        async with student.transaction():
            await student.execute("select from round for no key update")
            await student.execute(AN_ENVELOPE)
            sheet = asyncio.create_task(cards(house, teacher, round_id))
            while not sheet.done() and not await look(house, WAITING):
                await asyncio.sleep(0.01)
        assert await sheet == []
    finally:
        await student.close()


async def test_cards_end_with_their_round(house: Running) -> None:
    teacher = await house.staff("ilse")
    round_id = await house.open_round(teacher, await house.survey("2B"), cards="yes", members="9")
    sheet = await cards(house, teacher, round_id)
    for card in sheet:
        await house.answer(card, GOOD)
    await house.close(teacher, round_id)
    assert (await house.answer(sheet[0], GOOD)).status_code == 404


async def test_nobody_else_makes_cards(house: Running) -> None:
    teacher = await house.staff("ilse")
    round_id = await house.open_round(teacher, await house.survey("2B"), cards="yes")
    for name in ("omar", "wim", "ada", "eva"):
        other = await house.staff(name)
        assert (await other.post(f"/rounds/{round_id}/cards")).status_code == 404
