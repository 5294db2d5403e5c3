"""R9: what was told of a survey, as a file for a spreadsheet: the releases and nothing finer."""

import csv
from collections.abc import Iterator, Sequence
from io import StringIO
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
from surveys.access import Viewer
from surveys.instrument import Instrument, said
from surveys.noticing import asked
from surveys.release import TooFew
from surveys.rounds import Round

Cell = str | int
Row = list[Cell]

# What makes a spreadsheet read a text as a formula, which may fetch or send what it likes (OWASP).
FORMULA = tuple("=+-@\t\r")
BYTE_ORDER_MARK = "\ufeff"  # without it Excel takes UTF-8 for something else
SEPARATORS = {"nl": ";"}  # a Dutch Excel puts a line with commas into one cell


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
        table([columns.split("\n"), *rows], SEPARATORS.get(language, ",")),
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


def table(rows: Sequence[Sequence[Cell]], separator: str) -> str:
    written = StringIO()
    csv.writer(written, delimiter=separator).writerows(map(defused, row) for row in rows)
    return BYTE_ORDER_MARK + written.getvalue()


def defused(cell: Cell) -> Cell:
    """A text that a spreadsheet might run as a formula begins with an apostrophe instead."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(FORMULA) else cell


router = Router("/", route_handlers=[results])
