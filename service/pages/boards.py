"""A team's board for its weekly quarter of an hour: goals and how they go, actions, successes.

A survey stands there only because its teacher put it there, for those who were members then.
"""

from typing import Any
from uuid import UUID

from asyncpg import Connection
from litestar import Request, Router, get, post
from litestar.di import NamedDependency as Named
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Template

from service import opening
from service.goals import goals_of
from service.house import House
from service.ownership import lead_of, own_survey
from service.rendering import date_of, form_page, page
from service.storage import audit, boards, groups, people, surveys, tenancy
from service.storage.boards import Action, Board, Line
from service.storage.codes import Door, Lead
from service.storage.people import Member
from surveys import access
from surveys.access import Viewer
from surveys.deeds import Verb

Form = dict[str, str]
Visit = Request[Any, Any, Any]

LONGEST_NAME = 60
LONGEST_ACTION = 140


@get("/boards")
async def mine(request: Visit, house: Named[House], viewer: Named[Viewer]) -> Template:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        found = await boards.of_member(connection, viewer.school_id, viewer.account_id)
    return page(request, "boards/mine.html", viewer=viewer, boards=found)


@post("/boards", status_code=200)
async def make(
    request: Visit, data: URLEncodedBody[Form], house: Named[House], viewer: Named[Viewer]
) -> Template | Redirect:
    name = data.get("name", "").strip()
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        if "language" in data or not 0 < len(name) <= LONGEST_NAME:
            found = await boards.of_member(connection, viewer.school_id, viewer.account_id)
            problems = {"name": "missing"}
            context = {"viewer": viewer, "boards": found}
            return form_page(request, "boards/mine.html", data, problems, **context)
        board = Board(viewer.school_id, house.new_id(), name)
        await boards.add(connection, board)
        await boards.set_members(connection, viewer.school_id, board.board_id, [viewer.account_id])
        await opening.show_on_screen(house, connection, screen_of(board))
    return Redirect(f"/boards/{board.board_id}", status_code=303)


@get("/boards/{board_id:uuid}")
async def show(
    request: Visit, board_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]
) -> Template:
    return await board_page(request, board_id, house, viewer, {})


@post("/boards/{board_id:uuid}/members")
async def set_members(
    board_id: FromPath[UUID],
    data: URLEncodedBody[Form],
    house: Named[House],
    viewer: Named[Viewer],
) -> Redirect:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        await own_board(connection, viewer, board_id)
        people = [one.account_id for one in await staff(connection, viewer)]
        ticked = [one for one in people if str(one) in data or one == viewer.account_id]
        await boards.set_members(connection, viewer.school_id, board_id, ticked)
    return Redirect(f"/boards/{board_id}", status_code=303)


@post("/boards/{board_id:uuid}/lines")
async def put(
    board_id: FromPath[UUID],
    data: URLEncodedBody[Form],
    house: Named[House],
    viewer: Named[Viewer],
) -> Redirect:
    """A teacher's own survey, for those who are members now; with `off` it goes away again."""
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        await own_board(connection, viewer, board_id)
        survey, _ = await own_survey(connection, viewer, uuid_of(data.get("survey", "")))
        if "off" in data:
            await boards.take_off(connection, viewer.school_id, board_id, survey.survey_id)
            verb = Verb.SURVEY_UNSHARED
        else:
            line = Line(survey.survey_id, on_screen="on_screen" in data)
            members = await boards.members(connection, viewer.school_id, board_id)
            await boards.put(connection, viewer.school_id, board_id, line, members)
            verb = Verb.SURVEY_SHARED
        await audit.note(connection, viewer, verb, survey.survey_id, house.clock())
    return Redirect(f"/boards/{board_id}", status_code=303)


@post("/boards/{board_id:uuid}/actions", status_code=200)
async def add_action(
    request: Visit,
    board_id: FromPath[UUID],
    data: URLEncodedBody[Form],
    house: Named[House],
    viewer: Named[Viewer],
) -> Template | Redirect:
    text = data.get("text", "").strip()
    if "language" in data or not 0 < len(text) <= LONGEST_ACTION:
        problems = {"text": "long" if text else "missing"}
        return await board_page(request, board_id, house, viewer, data, problems)
    action = Action(
        action_id=house.new_id(),
        text=text,
        who=data.get("who", "").strip()[:LONGEST_NAME],
        due_on=date_of(data.get("due_on", "")),
    )
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        await own_board(connection, viewer, board_id)
        await boards.add_action(connection, viewer.school_id, board_id, action)
    return Redirect(f"/boards/{board_id}", status_code=303)


@post("/boards/{board_id:uuid}/actions/{action_id:uuid}/completion")
async def finish(
    board_id: FromPath[UUID],
    action_id: FromPath[UUID],
    data: URLEncodedBody[Form],
    house: Named[House],
    viewer: Named[Viewer],
) -> Redirect:
    done_on = None if "again" in data else house.today()
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        await own_board(connection, viewer, board_id)
        await boards.finish(connection, viewer.school_id, board_id, action_id, done_on)
    return Redirect(f"/boards/{board_id}", status_code=303)


@post("/boards/{board_id:uuid}/screen")
async def renew_screen(
    board_id: FromPath[UUID], house: Named[House], viewer: Named[Viewer]
) -> Redirect:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        board = await own_board(connection, viewer, board_id)
        revision = await boards.revise_screen(connection, viewer.school_id, board_id)
        await opening.show_on_screen(house, connection, screen_of(board), revision)
    return Redirect(f"/boards/{board_id}", status_code=303)


@get("/board/{token:str}")
async def show_screen(request: Visit, token: FromPath[str], house: Named[House]) -> Template:
    """The screen in the staff room, by its own link: only what teachers let stand there."""
    lead = await lead_of(house, token, Door.BOARD)
    async with tenancy.school(house.pool, lead.school_id) as connection:
        board = await boards.get(connection, lead.school_id, lead.round_id)
        if board is None:
            raise NotFoundException
        lines = await boards.lines_of(connection, lead.school_id, board.board_id)
        on_screen = [line for line in lines if line.on_screen]
        goals = await goals_of(connection, lead.school_id, on_screen)
        actions = await boards.actions_of(connection, lead.school_id, board.board_id)
    return page(request, "boards/screen.html", board=board, goals=goals, actions=actions)


async def board_page(
    request: Visit,
    board_id: UUID,
    house: House,
    viewer: Viewer,
    form: Form,
    problems: dict[str, str] | None = None,
) -> Template:
    async with tenancy.school(house.pool, viewer.school_id) as connection:
        board = await own_board(connection, viewer, board_id)
        lines = await boards.lines_of(connection, viewer.school_id, board_id)
        shown = await boards.readable(connection, viewer.school_id, board_id, viewer.account_id)
        readable = [line for line in lines if line.survey_id in shown]
        goals = await goals_of(connection, viewer.school_id, readable)
        owned = await surveys.owned_by(connection, viewer.school_id, viewer.account_id)
        names = {
            group.group_id: group.name
            for group in await groups.taught_by(connection, viewer.school_id, viewer.account_id)
        }
        members = await boards.members(connection, viewer.school_id, board_id)
        context = {
            "board": board,
            "goals": goals,
            "waiting": len(lines) - len(goals),
            "actions": await boards.actions_of(connection, viewer.school_id, board_id),
            "members": members,
            "staff": await staff(connection, viewer),
            "own": [survey for survey in owned if survey.group_id in names],
            "names": names,
        }
    token = house.pepper.screen_token(board_id, board.screen)
    return form_page(
        request,
        "boards/show.html",
        form,
        problems,
        viewer=viewer,
        screen=f"{house.settings.url}/board/{token}",
        today=house.today(),
        **context,
    )


async def own_board(connection: Connection, viewer: Viewer, board_id: UUID) -> Board:
    board = await boards.get(connection, viewer.school_id, board_id)
    members = await boards.members(connection, viewer.school_id, board_id)
    if board is None or not access.may_read_board(viewer, members):
        raise NotFoundException
    return board


async def staff(connection: Connection, viewer: Viewer) -> list[Member]:
    return [
        one
        for one in await people.of_school(connection, viewer.school_id)
        if one.ended_on is None and access.works_with_results(one.roles)
    ]


def screen_of(board: Board) -> Lead:
    return Lead(Door.BOARD, board.school_id, board.board_id)


def uuid_of(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError as error:
        raise NotFoundException from error


router = Router(
    "/",
    route_handlers=[
        mine,
        make,
        show,
        set_members,
        put,
        add_action,
        finish,
        renew_screen,
        show_screen,
    ],
)
