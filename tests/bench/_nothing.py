"""The server and the form decoder of the service, doing nothing: a ceiling for comparisons."""

import sys

import uvicorn
from litestar import Litestar, MediaType, Response, get, post
from litestar.params import FromPath, URLEncodedBody

PAGE = b"x" * 10_000


@post("/{code:str}", status_code=200)
async def take(code: FromPath[str], data: URLEncodedBody[dict[str, str]]) -> Response[bytes]:
    return Response(b'{"outcome":"counted"}', media_type=MediaType.JSON)


@get("/{code:str}")
async def show(code: FromPath[str]) -> Response[bytes]:
    return Response(PAGE, media_type="text/html; charset=utf-8")


if __name__ == "__main__":
    app = Litestar([take, show], openapi_config=None, logging_config=None)
    uvicorn.run(app, port=int(sys.argv[1]), access_log=False, log_level="error", loop="uvloop")
