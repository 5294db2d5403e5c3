"""A survey of one's own that changes. Other questions are another trend (R6), so what has been
told of the earlier ones stays as it is, and the changed survey starts a series of its own."""

from uuid import UUID

from asyncpg import Connection
from litestar.exceptions import NotFoundException
from msgspec.structs import replace

from service import planning
from service.house import House
from service.ownership import own_survey
from service.storage import groups, rounds, surveys
from surveys import translating
from surveys.access import Viewer
from surveys.exchanging import OWN
from surveys.instrument import Instrument
from surveys.rounds import Group, Round, State, Survey


async def keep(
    house: House,
    connection: Connection,
    viewer: Viewer,
    group: Group,
    made: Instrument,
    before: Survey | None = None,
) -> Survey:
    """The survey with these questions: `before` itself where nothing changed.

    One that was never asked gives its place and its number to the changed one.
    """
    follows, version = None, 1
    made = translating.carried(made, before.instrument if before else None)
    if before is not None:
        asked = await rounds.of_survey(connection, before.school_id, before.survey_id)
        if before.instrument == replace(made, version=before.instrument.version):
            return before
        follows = before.survey_id if asked else before.follows
        version = before.instrument.version + (1 if asked else 0)
        if not asked:
            await surveys.remove(connection, before.school_id, before.survey_id)
    survey = Survey(
        school_id=viewer.school_id,
        survey_id=house.new_id(),
        group_id=group.group_id,
        owner=viewer.account_id,
        instrument=replace(made, version=version),
        follows=follows,
    )
    await surveys.add(connection, survey)
    if before is not None and before.every_weeks is not None:
        await planning.plan(house, connection, survey, before.every_weeks)
        await planning.plan(house, connection, before, None)
    return survey


async def changeable(
    connection: Connection, viewer: Viewer, survey_id: UUID
) -> tuple[Survey, Group]:
    """One's own survey, held for a change. Raises NotFoundException where it may not be changed."""
    survey, group = await newest(connection, viewer, survey_id)
    if await being_asked(connection, survey):
        raise NotFoundException
    return survey, group


async def newest(connection: Connection, viewer: Viewer, survey_id: UUID) -> tuple[Survey, Group]:
    """What a teacher put together, in its newest version, and held. Raises NotFoundException."""
    survey, group = await own_survey(connection, viewer, survey_id)
    await groups.lock(connection, survey.school_id, survey.group_id)
    if not await is_newest(connection, survey):
        raise NotFoundException
    return survey, group


async def is_newest(connection: Connection, survey: Survey) -> bool:
    """Whether it was put together by its teacher, and nothing took its place since."""
    later = await surveys.following(connection, survey.school_id, survey.survey_id)
    return survey.instrument.key == OWN and later is None


async def being_asked(connection: Connection, survey: Survey) -> list[Round]:
    """Its rounds that are open or not yet counted."""
    asked = await rounds.of_survey(connection, survey.school_id, survey.survey_id)
    return [round for round in asked if round.state in (State.OPEN, State.CLOSED)]
