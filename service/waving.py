"""A wave: many groups asked at once by their school, with one key, told together at its end."""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from uuid import UUID

from asyncpg import Connection
from msgspec import Struct
from msgspec.structs import replace

from service import opening, outside
from service.house import House
from service.listening import notify_changed, notify_due
from service.storage import codes, groups, reminders, rounds, surveys, waves
from service.storage.reminders import About, Reminder
from service.storage.waves import Taking
from surveys.instrument import Instrument
from surveys.release import WELLBEING
from surveys.rounds import LONGEST_WAIT, Group, GroupKind, Survey, may_be_asked_on
from surveys.waves import LONGEST, Member, Wave, expected, year_groups

WEEK = timedelta(days=7)


class Candidate(Struct, frozen=True):
    """A group that a wave may ask, from `first` on; None while a round of it is open."""

    group: Group
    first: date | None

    def is_free(self, today: date) -> bool:
        return self.first is not None and self.first <= today


class Overlapping(Exception):
    """Two groups of one name: some students would be asked twice, and could be told apart."""


async def candidates(
    house: House, connection: Connection, school_id: UUID, instrument: Instrument
) -> list[Candidate]:
    """The groups that this question list suits, and from when on they may be asked."""
    found = []
    since = house.today() - LONGEST_WAIT
    for taught in await groups.of_school(connection, school_id):
        group = taught.group
        if not may_be_in_a_wave(group) or group.stage not in instrument.stages:
            continue
        asked = await rounds.asked_of_group(connection, school_id, group.group_id, since)
        first = may_be_asked_on(instrument, None, asked, house.today())
        found.append(Candidate(group, first))
    return found


def may_be_in_a_wave(group: Group) -> bool:
    """R5: classes and teams; the students of a lesson group sit in a class as well."""
    return group.kind is not GroupKind.LESSON


def overlap(chosen: Sequence[Group]) -> bool:
    """Whether two have one name: a class that was added twice asks its students twice."""
    return len({group.name.casefold() for group in chosen}) < len(chosen)


async def open_wave(
    house: House,
    connection: Connection,
    wave: Wave,
    chosen: Sequence[Group],
) -> bool:
    """Whether every group may be asked; else nothing is opened.

    Raises Overlapping, NoKeyReady, or ForgedKey when the stock was tampered with.
    """
    if overlap(chosen):
        raise Overlapping
    for group in sorted(chosen, key=lambda group: group.group_id):
        await groups.lock(connection, wave.school_id, group.group_id)
    able = await candidates(house, connection, wave.school_id, wave.instrument)
    free = {one.group.group_id for one in able if one.is_free(house.today())}
    if not {group.group_id for group in chosen} <= free:
        return False
    await waves.add(connection, wave, chosen)
    key = await opening.new_key(house, connection)
    for group in chosen:
        await opening.start(
            house,
            connection,
            await series_of(house, connection, group, wave.instrument),
            key,
            members=group.members,
            closes_at=wave.closes_at,
            cards=wave.cards,
            wave_id=wave.wave_id,
        )
    asked, suited = map(member_of, chosen), (member_of(one.group) for one in able)
    await outside.show(connection, wave.school_id, wave.wave_id, asked, suited)
    await remind_teachers(house, connection, wave)
    return True


async def remind_teachers(house: House, connection: Connection, wave: Wave) -> None:
    """By mail, where there is a mail server: which of their classes are asked, and where."""
    reminder = Reminder(About.WAVE, wave.school_id, wave.wave_id, house.clock())
    await reminders.plan(connection, reminder)


async def series_of(
    house: House, connection: Connection, group: Group, instrument: Instrument
) -> Survey:
    """The school's own series of this question list in a group, begun where there is none yet."""
    for survey in await surveys.of_school_itself(connection, group.school_id):
        same = (survey.instrument.key, survey.instrument.version) == (
            instrument.key,
            instrument.version,
        )
        if same and survey.group_id == group.group_id:
            return survey
    begun = Survey(group.school_id, house.new_id(), group.group_id, None, instrument)
    await surveys.add(connection, begun)
    return begun


async def close_at(connection: Connection, wave: Wave, moment: datetime) -> None:
    """Another end for all of its groups: later, or now."""
    await waves.set_closing(connection, wave.school_id, wave.wave_id, moment)
    for round_id in await waves.rounds_of(connection, wave.school_id, wave.wave_id):
        await codes.set_due(connection, wave.school_id, round_id, moment)
        await notify_changed(connection, round_id)
    await notify_due(connection)


def may_extend(house: House, wave: Wave) -> bool:
    """A week more, as long as the whole lasts four weeks at most."""
    opened = datetime.combine(wave.opened_on, time.max, house.settings.zone)
    return wave.takes_answers(house.clock()) and wave.closes_at + WEEK <= opened + LONGEST


def member_of(group: Group) -> Member:
    return Member(group.group_id, group.name, group.stage, group.year_group, group.members)


def would_tell(wave: Wave, taking: Sequence[Taking]) -> bool:
    """Whether anything would be told if it ended now: of how many answered, as its leader sees."""
    answered = [replace(each.member, members=each.n) for each in taking]
    return bool(expected(answered, with_classes=wave.by_class, rule=WELLBEING))


def by_year(taking: Sequence[Taking]) -> list[list[Taking]]:
    """In the order of the school, a list for each year group."""
    by_id = {each.member.group_id: each for each in taking}
    years = year_groups(each.member for each in taking)
    return [[by_id[member.group_id] for member in year] for year in years]
