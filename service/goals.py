"""The lines of a team's board as goals: what each class works on, and how that goes."""

from collections.abc import Iterable
from uuid import UUID

from asyncpg import Connection
from msgspec import Struct

from service import telling
from service.charts import Chart
from service.house import House
from service.ownership import survey_of
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
    chart: Chart | None
    focus: str


async def goals_of(
    house: House, connection: Connection, school_id: UUID, lines: Iterable[Line], language: str
) -> list[Goal]:
    known = await people.of_school(connection, school_id)
    names: dict[UUID | None, str] = {member.account_id: member.name for member in known}
    return [await goal_of(house, connection, school_id, line, names, language) for line in lines]


async def goal_of(
    house: House,
    connection: Connection,
    school_id: UUID,
    line: Line,
    names: dict[UUID | None, str],
    language: str,
) -> Goal:
    survey, group = await survey_of(connection, school_id, line.survey_id)
    trend = await telling.trend_of(connection, survey)
    agreed = await agreements.of_survey(connection, school_id, line.survey_id)
    present = agreed[-1] if agreed else None
    about = trend.of(present.item) if present and present.item else trend.talk_about
    charts = telling.charts_of(trend, agreed, house.templates, language)
    return Goal(
        survey=survey,
        group=group,
        by=names.get(survey.owner, ""),
        on_screen=line.on_screen,
        agreement=present,
        item=about,
        effect=trends.effect(about, present.agreed_on) if about and present else None,
        chart=charts.get(about.item.id) if about else None,
        focus=trend.points[-1].focus if trend.points else "",
    )
