"""Taking a seat at a governing board by an invitation, which the installation makes."""

from typing import Any

from litestar import Request, Router, get, post
from litestar.di import NamedDependency as Named
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Redirect, Template

from service import entering, joining, logs, passwords, proving, sessions
from service.house import House
from service.logs import Event, Way
from service.rendering import form_page, language_of
from service.storage import accounts, governing
from service.storage.accounts import Account
from service.storage.governing import Seat

Form = dict[str, str]
Visit = Request[Any, Any, Any]


@get("/schools/invitations/{token:str}")
async def invited(request: Visit, token: FromPath[str], house: Named[House]) -> Template:
    seat = await open_seat(house, token)
    known = await accounts.by_email(house.pool, seat.email)
    return seat_page(request, token, seat, {}, known)


@post("/schools/invitations/{token:str}", status_code=200)
async def accept(
    request: Visit, token: FromPath[str], data: URLEncodedBody[Form], house: Named[House]
) -> Template | Redirect:
    """A newcomer chooses a password; who has an account already shows it with the one there is."""
    seat = await open_seat(house, token)
    known = await accounts.by_email(house.pool, seat.email)
    problems = {} if "language" in data else await problems_of(house, data, seat, known)
    if "language" in data or problems:
        return seat_page(request, token, seat, data, known, problems)
    password_hash = "" if known else await passwords.hashed(data["password"])
    async with house.pool.acquire() as connection, connection.transaction():
        if not await governing.use(connection, sessions.token_hash(token)):
            raise NotFoundException
        language = language_of(request)
        account_id = await joining.take_seat(
            house, connection, seat, known, password_hash=password_hash, language=language
        )
        works_at = await accounts.schools_of(connection, account_id)
        school_id = works_at[0] if works_at else None
        logs.came(Event.RIGHT, Way.LINK, account_id)
        return await entering.enter(request, house, connection, account_id, school_id, "/schools")


async def open_seat(house: House, token: str) -> Seat:
    found = await governing.behind(house.pool, sessions.token_hash(token), house.today())
    if found is None:
        raise NotFoundException("this invitation was used, or it ran out")
    return found


async def problems_of(
    house: House, form: Form, seat: Seat, known: Account | None
) -> dict[str, str]:
    if known is None:
        return passwords.problems(form, seat.name, seat.email, seat.board.name)
    right = await proving.by_password(house, seat.email, form.get("password", ""))
    return {} if right else {"password": "wrong"}


def seat_page(
    request: Visit,
    token: str,
    seat: Seat,
    form: Form,
    known: Account | None,
    problems: dict[str, str] | None = None,
) -> Template:
    return form_page(
        request,
        "schools/invitation.html",
        form,
        problems,
        seat=seat,
        token=token,
        known=known is not None,
    )


router = Router("/", route_handlers=[invited, accept])
