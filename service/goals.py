"""The lines of a team's board as goals: what each class works on, and how that goes."""

from collections.abc import Iterable
from uuid import UUID

from asyncpg import Connection
from msgspec import Struct

from service import telling
from service.ownership import survey_of
from service.sparks import Spark
from service.storage import agreements, people
from service.storage.agreements import Agreement
from service.storage.boards import Line
from surveys import trends
from surveys.rounds import Group, Survey
from surveys.trends import Effect, ItemTrend


class Goal(Struct, frozen=True):
    """What the agreement is about; without one, what the rules would talk about."""

    survey: Survey
    group: Group
    by: str
    on_screen: bool
    agreement: Agreement | None
    item: ItemTrend | None
    effect: Effect | None
    spark: Spark | None
    focus: str


async def goals_of(connection: Connection, school_id: UUID, lines: Iterable[Line]) -> list[Goal]:
    known = await people.of_school(connection, school_id)
    names: dict[UUID | None, str] = {member.account_id: member.name for member in known}
    return [await goal_of(connection, school_id, line, names) for line in lines]


async def goal_of(
    connection: Connection, school_id: UUID, line: Line, names: dict[UUID | None, str]
) -> Goal:
    survey, group = await survey_of(connection, school_id, line.survey_id)
    trend = await telling.trend_of(connection, survey)
    agreed = await agreements.of_survey(connection, school_id, line.survey_id)
    present = agreed[-1] if agreed else None
    about = trend.of(present.item) if present and present.item else trend.talk_about
    return Goal(
        survey=survey,
        group=group,
        by=names.get(survey.owner, ""),
        on_screen=line.on_screen,
        agreement=present,
        item=about,
        effect=trends.effect(about, present.agreed_on) if about and present else None,
        spark=telling.sparks_of([about], agreed).get(about.item.id) if about else None,
        focus=trend.points[-1].focus if trend.points else "",
    )
