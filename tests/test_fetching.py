"""Asking a provider: it sends us nowhere else, whatever it was asked."""

import json
from urllib.parse import urlsplit

import httpx2
import pytest

from service import fetching
from tests.house import Running
from tests.providers import Liar, added, lying, told

DISCOVERY = "/.well-known/openid-configuration"
ELSEWHERE = "/elsewhere"


def sends_on(liar: Liar, path: str, to: str) -> None:
    """With a status by which a browser would post again what it posted, secret included."""
    liar.replies = {path: (307, f"Location: {to}\r\n", "")}


@pytest.mark.parametrize("path", [DISCOVERY, "/jwks", "/token", "/userinfo"])
async def test_a_provider_that_sends_us_on_is_not_followed(
    school: Running, liar: Liar, path: str
) -> None:
    administrator = await school.staff("ada", "en")
    liar.metadata = {"userinfo_endpoint": f"{liar.issuer}/userinfo"}
    address = await added(school, administrator, liar.issuer)
    async with lying() as other:
        sends_on(liar, path, f"{other.issuer}{path}")
        if path == DISCOVERY:
            shown = await administrator.get(f"{address}/trial")
        else:
            shown = await told(school, liar, administrator, f"{address}/trial")
        assert path in liar.asked
        assert other.asked == []
    assert "<h1>It works</h1>" not in shown.text


async def test_our_client_stays_where_it_was_sent_and_another_would_go_on(liar: Liar) -> None:
    sends_on(liar, DISCOVERY, ELSEWHERE)
    liar.replies[ELSEWHERE] = (200, "", json.dumps("here"))
    ours = fetching.arguments(loopback=True)
    for follows, asked in (False, [DISCOVERY]), (True, [DISCOVERY, DISCOVERY, ELSEWHERE]):
        given = {**ours, "follow_redirects": True} if follows else ours
        async with httpx2.AsyncClient(**given) as http:
            reply = await http.get(f"{liar.issuer}{DISCOVERY}")
        assert urlsplit(str(reply.url)).path == asked[-1]
        assert liar.asked == asked
