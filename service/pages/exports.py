"""R9: what was told of a survey, as a file for a spreadsheet: the releases and nothing finer."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote
from uuid import UUID

from litestar import Request, Response, Router, get
from litestar.di import NamedDependency as Named
from litestar.params import FromPath

from service.house import House
from service.ownership import own_survey
from service.rendering import language_of
from service.storage import releases, rounds, tenancy
from service.storage.releases import Told
from surveys import tables
from surveys.access import Viewer
from surveys.instrument import Instrument, said
from surveys.noticing import asked
from surveys.release import TooFew
from surveys.rounds import Round
from surveys.tables import Cell

Row = list[Cell]


@get("/surveys/{survey_id:uuid}/results.csv")
async def results(
    request: Request[Any, Any, Any],
    survey_id: FromPath[UUID],
    house: Named[House],
    viewer: Named[Viewer],
) -> Response[str]:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        survey, group = await own_survey(connection, viewer, survey_id)
        held = await rounds.of_survey(connection, viewer.school_id, survey_id)
        told = await releases.of_survey(connection, viewer.school_id, survey_id)
    language = language_of(request)
    columns = house.templates.get_template("exports/columns.txt").render(language=language)
    rows = [
        row
        for round in held
        if round.round_id in told
        for row in rows_of(survey.instrument, round, told[round.round_id], language)
    ]
    name = f"{group.name} {said(survey.instrument.name, language)}.csv"
    return Response(
        tables.written([columns.split("\n"), *rows], tables.separator(language)),
        media_type="text/csv",
        headers={"Content-Disposition": f"attachment; filename*=UTF-8''{quote(name, safe='')}"},
    )


def rows_of(instrument: Instrument, round: Round, told: Told, language: str) -> Iterator[Row]:
    """A row for each item of a release; one row without results where too few answered."""
    on = (round.closed_on or round.opened_on).isoformat()
    took_part: Row = [round.number, on, round.places, told.n]
    if isinstance(told, TooFew):
        yield [*took_part, "", "", "", "", "", round.agreement]
        return
    items = {item.id: item for item in asked(instrument, round.agreement).closed}
    for each in told.items:
        item, positive, negative = items[each.item], each.positive, each.negative
        bounds = [positive.low, positive.high, negative.low, negative.high]
        yield [*took_part, said(item.text, language), *bounds, round.agreement]


router = Router("/", route_handlers=[results])
