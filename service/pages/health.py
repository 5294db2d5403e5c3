"""For whoever watches the service: whether it lives, whether it is ready, and its figures."""

from ipaddress import ip_address
from typing import Any

from litestar import MediaType, Request, Response, Router, get
from litestar.di import NamedDependency as Named
from litestar.exceptions import NotFoundException

from service.house import House
from service.metrics import Moment
from service.storage import watching

Visit = Request[Any, Any, Any]

HERE = ("127.0.0.1", "::1", "localhost")
PASSING = {"forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-real-ip"}
PROMETHEUS = "text/plain; version=0.0.4; charset=utf-8"


@get("/health/live", media_type=MediaType.TEXT)
async def live() -> str:
    """This process answers."""
    return "alive\n"


@get("/health/ready", media_type=MediaType.TEXT)
async def ready(house: Named[House]) -> Response[str]:
    """The database answers, and rounds can be opened. While it is away: 503, see `shell`."""
    if await watching.keys_in_stock(house.pool) == 0:
        return Response("no keys in stock: is a keeper running?\n", status_code=503)
    return Response("ready\n")


@get("/metrics")
async def metrics(request: Visit, house: Named[House]) -> Response[bytes]:
    """For this machine alone, and not by a proxy on it that would pass them on to everybody."""
    if not is_loopback(request) or passed_on(request):
        raise NotFoundException
    now = Moment(
        keys_in_stock=await watching.keys_in_stock(house.pool),
        overdue=await watching.overdue(house.pool, house.clock()),
    )
    return Response(house.metrics.text(now), media_type=PROMETHEUS)


def is_loopback(request: Visit) -> bool:
    return request.client is not None and ip_address(request.client.host).is_loopback


def passed_on(request: Visit) -> bool:
    """A proxy says so in its headers, or passes on the name that its visitor asked for."""
    asked_for = request.headers.get("host", "").rsplit(":", 1)[0].strip("[]")
    return asked_for not in HERE or not PASSING.isdisjoint(request.headers.keys())


router = Router("/", route_handlers=[live, ready, metrics], opt={"unlogged": True})
