"""What stands in a URL, for the one whose it is; for everybody else it does not exist."""

from uuid import UUID

from asyncpg import Connection
from litestar.exceptions import NotFoundException

from service.storage import groups, rounds, shares, surveys
from surveys import access
from surveys.access import Viewer
from surveys.rounds import Group, Round, Survey


async def own_group(connection: Connection, viewer: Viewer, group_id: UUID) -> Group:
    """Raises NotFoundException, as all here do."""
    taught = await groups.teaches(connection, viewer.school_id, viewer.account_id)
    group = await groups.get(connection, viewer.school_id, group_id)
    if group is None or not access.may_ask(viewer, taught, group_id):
        raise NotFoundException
    return group


async def own_survey(
    connection: Connection, viewer: Viewer, survey_id: UUID
) -> tuple[Survey, Group]:
    survey = await surveys.get(connection, viewer.school_id, survey_id)
    if survey is None or not access.may_run_rounds(viewer, survey):
        raise NotFoundException
    group = await groups.get(connection, viewer.school_id, survey.group_id)
    if group is None:
        raise NotFoundException
    return survey, group


async def survey_to_read(
    connection: Connection, viewer: Viewer, survey_id: UUID
) -> tuple[Survey, Group]:
    """One's own survey, or one that its teacher shared."""
    survey = await surveys.get(connection, viewer.school_id, survey_id)
    shared = await shares.of_survey(connection, viewer.school_id, survey_id)
    if survey is None or not access.may_read(viewer, survey, shared):
        raise NotFoundException
    group = await groups.get(connection, viewer.school_id, survey.group_id)
    if group is None:
        raise NotFoundException
    return survey, group


async def own_round(
    connection: Connection, viewer: Viewer, round_id: UUID
) -> tuple[Round, Survey, Group]:
    round = await rounds.get(connection, viewer.school_id, round_id)
    if round is None:
        raise NotFoundException
    survey, group = await own_survey(connection, viewer, round.survey_id)
    return round, survey, group
