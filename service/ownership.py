"""What stands in a URL, for the one whose it is; for everybody else it does not exist.

Whoever holds the link of a screen or of a visit is the one whose it is. All functions here raise
NotFoundException, and so tell nobody whether there is something that is not theirs.
"""

from uuid import UUID

from asyncpg import Connection
from litestar.exceptions import NotFoundException

from service.house import House
from service.storage import codes, groups, rounds, shares, surveys
from service.storage.codes import Door, Lead
from surveys import access
from surveys.access import Viewer
from surveys.rounds import Group, Round, Survey


def only_if(allowed: bool) -> None:
    """For whom a page is not, there is none."""
    if not allowed:
        raise NotFoundException


async def own_group(connection: Connection, viewer: Viewer, group_id: UUID) -> Group:
    """A group that the viewer teaches."""
    group = await groups.get(connection, viewer.school_id, group_id)
    if group is None or not await may_ask(connection, viewer, group):
        raise NotFoundException
    return group


async def may_ask(connection: Connection, viewer: Viewer, group: Group) -> bool:
    taught = await groups.teaches(connection, viewer.school_id, viewer.account_id)
    return access.may_ask(viewer, taught, group)


async def own_survey(
    connection: Connection, viewer: Viewer, survey_id: UUID
) -> tuple[Survey, Group]:
    """A survey whose rounds the viewer runs."""
    survey, group = await survey_of(connection, viewer.school_id, survey_id)
    only_if(access.may_run_rounds(viewer, survey))
    return survey, group


async def survey_to_ask(
    connection: Connection, viewer: Viewer, survey_id: UUID
) -> tuple[Survey, Group]:
    """One's own survey, of a group that one still teaches."""
    survey, group = await own_survey(connection, viewer, survey_id)
    if not await may_ask(connection, viewer, group):
        raise NotFoundException
    return survey, group


async def survey_to_read(
    connection: Connection, viewer: Viewer, survey_id: UUID
) -> tuple[Survey, Group]:
    """One's own survey, or one that its teacher shared."""
    survey, group = await survey_of(connection, viewer.school_id, survey_id)
    shared = await shares.of_survey(connection, viewer.school_id, survey_id)
    only_if(access.may_read(viewer, survey, shared))
    return survey, group


async def own_round(
    connection: Connection, viewer: Viewer, round_id: UUID
) -> tuple[Round, Survey, Group]:
    """A round of one's own survey."""
    round, survey, group = await round_of(connection, viewer.school_id, round_id)
    only_if(access.may_run_rounds(viewer, survey))
    return round, survey, group


async def round_to_hold(
    connection: Connection, viewer: Viewer, round_id: UUID
) -> tuple[Round, Survey, Group]:
    """A round of one's own, or one that a class of one's own is asked in a wave."""
    round, survey, group = await round_of(connection, viewer.school_id, round_id)
    taught = await groups.teaches(connection, viewer.school_id, viewer.account_id)
    only_if(access.may_hold_round(viewer, survey, taught))
    return round, survey, group


async def lead_of(house: House, token: str, door: Door) -> Lead:
    """Where a link of this kind leads."""
    lead = await codes.find(house.pool, house.pepper.codes_of(token))
    if lead is None or lead.door is not door:
        raise NotFoundException
    return lead


async def round_of(
    connection: Connection, school_id: UUID, round_id: UUID
) -> tuple[Round, Survey, Group]:
    """Whosever it is: for who was shown it, or came by its link."""
    round = await rounds.get(connection, school_id, round_id)
    if round is None:
        raise NotFoundException
    return round, *await survey_of(connection, school_id, round.survey_id)


async def survey_of(
    connection: Connection, school_id: UUID, survey_id: UUID
) -> tuple[Survey, Group]:
    """Whosever it is: for who was shown it, or came by its link."""
    survey = await surveys.get(connection, school_id, survey_id)
    if survey is None:
        raise NotFoundException
    group = await groups.get(connection, school_id, survey.group_id)
    if group is None:
        raise NotFoundException
    return survey, group
