"""The one page of a governing board: its schools' totals, each with a trend of its own."""

from typing import Any

from litestar import Request, Router, get
from litestar.di import NamedDependency as Named
from litestar.response import Template

from service import governing, overview, sessions
from service.house import House
from service.rendering import language_of, page
from service.wording import wording
from surveys.access import Governor
from surveys.governing import LEAST_SCHOOLS_FOR_BAND, GoverningBoard
from surveys.instrument import Instrument

Visit = Request[Any, Any, Any]


@get("/schools")
async def show(request: Visit, house: Named[House], governor: Named[Governor]) -> Template:
    board = board_of(governor, request)
    told = await governing.told(house, board)
    lists = governing.lists(told)
    context: dict[str, Any] = {"lists": lists, "schools": told}
    if lists:
        chosen = list_of(lists, request)
        words = wording(house.templates, language_of(request))
        seen = governing.seen(told, chosen, words)
        bands = governing.bands(seen, chosen)
        context |= {"instrument": chosen, "schools": seen, "bands": bands, "wording": words}
    if viewer := await sessions.viewer_if_any(request, house):
        context["viewer"] = viewer
    return page(
        request,
        "schools/show.html",
        governor=governor,
        board=board,
        link=f"{house.settings.url}/school/outside/{board.governing_id}",
        least_schools=LEAST_SCHOOLS_FOR_BAND,
        **context,
    )


def board_of(governor: Governor, request: Visit) -> GoverningBoard:
    """The one that is asked for, or the first; no other than one's own."""
    asked = request.query_params.get("board")
    own = [board for board in governor.boards if str(board.governing_id) == asked]
    return (own or governor.boards)[0]


def list_of(lists: list[Instrument], request: Visit) -> Instrument:
    asked = request.query_params.get("of")
    found = [each for each in lists if overview.name_of(each) == asked]
    return (found or lists)[0]


router = Router("/", route_handlers=[show])
