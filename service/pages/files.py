"""Static files, and Plotly's script and style out of the installed package; kept for good."""

from typing import Any

from litestar import Request, Response, Router, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath

from service import assets

Visit = Request[Any, Any, Any]


@get("/static/{version:str}/{name:str}")
async def show(request: Visit, version: FromPath[str], name: FromPath[str]) -> Response[bytes]:
    try:
        file = assets.file(name)
    except OSError as error:
        raise NotFoundException from error
    if file.version != version:
        raise NotFoundException
    headers = {"Cache-Control": "public, max-age=31536000, immutable", "Vary": "Accept-Encoding"}
    zipped = "gzip" in request.headers.get("accept-encoding", "")
    return Response(
        file.compressed if zipped else file.content,
        media_type=file.media_type,
        headers=headers | ({"Content-Encoding": "gzip"} if zipped else {}),
    )


router = Router("/", route_handlers=[show], opt={"unlogged": True})
