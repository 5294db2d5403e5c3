"""Opening a round: when the rules allow it, with a key of its own, a code and a screen."""

import hmac
from datetime import date, datetime
from uuid import UUID

from asyncpg import Connection
from msgspec import Struct

from service import sealing
from service.house import House
from service.sealing import ForgedKey
from service.storage import agreements, codes, groups, keystock, rounds, schools
from service.storage.codes import Door, Lead
from service.storage.keystock import StockKey
from service.storage.rounds import RoundKey
from surveys.noticing import asked
from surveys.release import Rule, rule
from surveys.rounds import LONGEST_WAIT, Round, State, Survey, may_be_asked_on


class NoKeyReady(Exception):
    """The keeper's stock is empty; it fills within moments."""


class NotYet(Struct, frozen=True):
    """R5: the group may be asked these items from `first` on; None while a round is open."""

    first: date | None


async def first_day(house: House, connection: Connection, survey: Survey) -> date | None:
    return await first_day_with(house, connection, survey, await agreed_on(connection, survey))


async def first_day_with(
    house: House, connection: Connection, survey: Survey, agreement: str
) -> date | None:
    """The question about the agreement waits too: two surveys may have the same agreement."""
    since = house.today() - LONGEST_WAIT
    earlier = await rounds.asked_of_group(connection, survey.school_id, survey.group_id, since)
    instrument = asked(survey.instrument, agreement)
    return may_be_asked_on(instrument, survey.owner, earlier, house.today())


async def agreed_on(connection: Connection, survey: Survey) -> str:
    agreement = await agreements.present(connection, survey.school_id, survey.survey_id)
    return agreement.text if agreement else ""


async def open_round(
    house: House,
    connection: Connection,
    survey: Survey,
    *,
    members: int,
    closes_at: datetime,
    cards: bool = False,
    focus: str = "",
) -> Round | NotYet:
    """Raises NoKeyReady, or ForgedKey when the stock was tampered with."""
    await groups.lock(connection, survey.school_id, survey.group_id)
    agreement = await agreed_on(connection, survey)
    first = await first_day_with(house, connection, survey, agreement)
    if first is None or first > house.today():
        return NotYet(first)
    return await start(
        house,
        connection,
        survey,
        await new_key(house, connection),
        members=members,
        closes_at=closes_at,
        cards=cards,
        agreement=agreement,
        focus=focus,
    )


async def start(
    house: House,
    connection: Connection,
    survey: Survey,
    key: StockKey,
    *,
    members: int,
    closes_at: datetime,
    cards: bool,
    agreement: str = "",
    focus: str = "",
    wave_id: UUID | None = None,
) -> Round:
    """The next round of a survey that may be asked."""
    earlier = await rounds.of_survey(connection, survey.school_id, survey.survey_id)
    round_id = house.new_id()
    lead = Lead(Door.CLASS, survey.school_id, round_id)
    round = Round(
        school_id=survey.school_id,
        round_id=round_id,
        survey_id=survey.survey_id,
        number=earlier[-1].number + 1 if earlier else 1,
        state=State.OPEN,
        opened_on=house.today(),
        closes_at=closes_at,
        closed_on=None,
        members=members,
        raised=0,
        code=await new_code(house, connection, lead, closes_at),
        rule=await rule_of(connection, survey),
        cards=cards,
        agreement=agreement,
        focus=focus,
        wave_id=wave_id,
    )
    mac = house.pepper.of_round_key(round_id, key.public_key)
    bound = RoundKey(key.public_key, mac, key.keeper)
    await rounds.open_(connection, round, bound)
    if earlier:  # its code told what came of it until now
        await codes.drop(connection, survey.school_id, earlier[-1].round_id)
    await show_on_screen(house, connection, Lead(Door.SCREEN, survey.school_id, round_id))
    return round


async def rule_of(connection: Connection, survey: Survey) -> Rule:
    school = await schools.get(connection, survey.school_id)
    return rule(survey.instrument.purpose, small_classes=school.small_classes)


async def new_code(house: House, connection: Connection, lead: Lead, due: datetime) -> str:
    while True:
        symbols = sealing.new_symbols(house.entropy, sealing.CODE_LENGTH)
        if await codes.add(connection, house.pepper.codes_of(symbols), lead, due):
            return symbols


async def new_key(house: House, connection: Connection) -> StockKey:
    """A key out of the stock, checked to be a keeper's."""
    stocked = await keystock.take(connection)
    if stocked is None:
        raise NoKeyReady
    if not hmac.compare_digest(house.pepper.of_stock_key(stocked.public_key), stocked.mac):
        raise ForgedKey("in stock")
    return stocked


async def show_on_screen(
    house: House, connection: Connection, lead: Lead, revision: int = 0
) -> None:
    """A screen's read-only link; a new revision ends the one before."""
    token = house.pepper.screen_token(lead.round_id, revision)
    await codes.replace(connection, house.pepper.of_code(token), lead)
