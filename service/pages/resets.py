"""A forgotten password: a link by e-mail, with which its owner chooses another one."""

from typing import Any

from litestar import Request, Router, get, post
from litestar.background_tasks import BackgroundTask
from litestar.di import NamedDependency as Named
from litestar.params import FromPath, URLEncodedBody
from litestar.response import Template

from service import logs, noting, passwords, resetting, sessions, ways_in
from service.house import House
from service.logs import Event, Way
from service.rendering import form_page, page
from surveys.deeds import Verb

Form = dict[str, str]
Visit = Request[Any, Any, Any]


@get("/forgotten")
async def ask(request: Visit, house: Named[House]) -> Template:
    return form_page(request, "signin/forgotten.html", {}, mails=house.mail is not None)


@post("/forgotten", status_code=200)
async def send(request: Visit, data: URLEncodedBody[Form], house: Named[House]) -> Template:
    """The same answer, as soon, whether anybody has this address: the mail goes afterwards."""
    email = data.get("email", "").strip().lower()
    wrong = house.mail is None or not sessions.EMAIL.match(email)
    if "language" in data or wrong:
        problems = {"email": "wrong"}
        mails = house.mail is not None
        return form_page(request, "signin/forgotten.html", data, problems, mails=mails)
    answer = page(request, "signin/sent.html", email=email, hours=resetting.HOURS)
    answer.background = BackgroundTask(resetting.send_link, house, email)
    return answer


@get("/passwords/{token:str}")
async def choose(request: Visit, token: FromPath[str], house: Named[House]) -> Template:
    account = await resetting.behind(house, token)
    return form_page(request, "signin/reset.html", {}, token=token, account=account)


@post("/passwords/{token:str}", status_code=200)
async def change(
    request: Visit, token: FromPath[str], data: URLEncodedBody[Form], house: Named[House]
) -> Template:
    """All sessions end. The second factor is asked as before: an e-mail box alone opens nothing."""
    account = await resetting.behind(house, token)
    problems = passwords.problems(data, *await resetting.known_of(house, account))
    if "language" in data or problems:
        return form_page(request, "signin/reset.html", data, problems, token=token, account=account)
    await resetting.choose(house, token, account, await passwords.hashed(data["password"]))
    logs.came(Event.RIGHT, Way.LINK, account.account_id)
    ways = await ways_in.offered(house)
    answer = page(request, "signin/signin.html", next="/classes", ways=ways, changed=True)
    answer.background = noting.telling(house, account.account_id, Verb.PASSWORD_CHANGED)
    return answer


router = Router("/", route_handlers=[ask, send, choose, change])
