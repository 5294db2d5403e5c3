"""Half an hour without use, for who came by a provider: it asks again, the same person goes on, and
nothing that was filled in is lost."""

import re
from datetime import timedelta
from html import unescape
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest

from tests.house import PASSWORD, Running
from tests.pages.living import look, text_of
from tests.pages.test_lock import WHOLE, hidden, is_locked
from tests.providers import Certified, Liar, come, switched_on, told, trusting

ONWARD = re.compile(r'http-equiv="refresh" content="0; url=([^"]+)"')
AGAIN = "Sign in again with Het Kompas"


async def away(school: Running) -> None:
    """For half an hour. The provider's clock cannot be set: so the last use is longer ago."""
    before = school.clock() - timedelta(minutes=31)
    await school.service.house.pool.execute("update session set used_at = $1", before)


async def ada_by(school: Running, provider: Certified) -> httpx.AsyncClient:
    """The administrator, who came in by the provider."""
    way = await switched_on(school, provider, await school.staff("ada"), second_factor="yes")
    ada = school.visitor("en")
    assert (await come(provider, ada, way, "ada")).headers["location"] == "/classes"
    return ada


async def leaving(visitor: httpx.AsyncClient, form: dict[str, str]) -> str:
    """Where the provider is asked, from the lock."""
    reply = await visitor.post("/lock", data=form)
    found = ONWARD.search(reply.text)
    assert found, reply.text
    return unescape(found[1])


async def back(
    provider: Certified, visitor: httpx.AsyncClient, form: dict[str, str], name: str
) -> httpx.Response:
    there = await leaving(visitor, form)
    return await visitor.get(await provider.sign_in(visitor, there, name))


# There and back


async def test_one_button_leads_back_to_the_provider_and_to_where_one_was(
    school: Running, provider: Certified
) -> None:
    ada = await ada_by(school, provider)
    await away(school)
    page = "/school/audit?page=1"
    locked = await ada.get(page, follow_redirects=True)
    assert locked.text.count(AGAIN) == 1
    assert 'type="password"' not in locked.text
    reply = await back(provider, ada, hidden(locked), "ada")
    assert (reply.status_code, reply.headers["location"]) == (303, page)
    assert (await ada.get(page)).status_code == 200


async def test_the_provider_asks_again_who_is_there(school: Running, provider: Certified) -> None:
    ada = await ada_by(school, provider)
    await away(school)
    there = await leaving(ada, {"next": "/account"})
    asked = parse_qs(urlsplit(there).query)
    assert (asked["prompt"], asked["max_age"]) == (["login"], ["0"])
    shown = await ada.get(there)
    shown = await ada.get(str(shown.url.join(shown.headers["location"])))
    assert 'name="password"' in shown.text


async def test_what_was_filled_in_goes_on_after_the_provider(
    school: Running, provider: Certified
) -> None:
    ada = await ada_by(school, provider)
    await away(school)
    locked = await ada.post("/school/settings", data=WHOLE)
    assert (locked.status_code, AGAIN in locked.text) == (403, True)
    assert "What you filled in is not lost." in locked.text
    dutch = await ada.post("/lock", data={**hidden(locked), "language": "nl"})
    assert "Ben jij het nog?" in dutch.text
    unlocked = await back(provider, ada, hidden(dutch), "ada")
    assert 'action="/school/settings"' in unlocked.text
    assert hidden(unlocked) == WHOLE
    saved = await ada.post("/school/settings", data=hidden(unlocked))
    assert saved.status_code == 303
    assert await look(school, "select name from school where small_classes") == WHOLE["school"]


async def test_what_waits_meanwhile_is_sealed_and_goes_when_it_is_fetched(
    school: Running, provider: Certified
) -> None:
    ada = await ada_by(school, provider)
    await away(school)
    locked = await ada.post("/school/settings", data=WHOLE)
    there = await leaving(ada, hidden(locked))
    kept = await look(school, "select kept from signing_in")
    assert len(kept) > len(WHOLE["school"])
    assert b"Kompas" not in kept
    await ada.get(await provider.sign_in(ada, there, "ada"))
    assert await look(school, "select count(*) from signing_in") == 0


# Who stays outside


async def test_somebody_else_opens_nothing_and_nothing_is_lost(
    school: Running, provider: Certified
) -> None:
    ada = await ada_by(school, provider)
    await away(school)
    form = hidden(await ada.post("/school/settings", data=WHOLE))
    for name in "piet", "ilse", "wim":
        reply = await back(provider, ada, form, name)
        assert "Sign in there as ada@example.org." in text_of(reply.text), name
        assert is_locked(await ada.get("/school/settings"))
        form = hidden(reply)
    unlocked = await back(provider, ada, form, "ada")
    assert hidden(unlocked) == WHOLE


async def test_whoever_keeps_the_provider_from_asking_opens_nothing(
    school: Running, provider: Certified
) -> None:
    """At a laptop that stands open the provider still knows its owner; addresses can be changed."""
    ada = await ada_by(school, provider)
    await away(school)
    asked = urlsplit(await leaving(ada, {"next": "/account"}))
    kept = {
        name: value[0]
        for name, value in parse_qs(asked.query).items()
        if name not in ("prompt", "max_age")
    }
    silently = asked._replace(query=urlencode(kept)).geturl()
    reply = await ada.get(await provider.sign_in(ada, silently, "nobody is asked"))
    assert "did not ask you again who you are" in text_of(reply.text)
    assert is_locked(await ada.get("/account"))


async def test_a_password_does_not_open_it(school: Running, provider: Certified) -> None:
    ada = await ada_by(school, provider)
    await away(school)
    reply = await ada.post("/lock", data={"next": "/account", "password": PASSWORD})
    assert ONWARD.search(reply.text)
    assert is_locked(await ada.get("/account"))


async def test_a_session_that_ended_meanwhile_does_not_go_on(
    school: Running, provider: Certified
) -> None:
    ada = await ada_by(school, provider)
    await away(school)
    there = await leaving(ada, {"next": "/account"})
    await ada.post("/signout")
    reply = await ada.get(await provider.sign_in(ada, there, "ada"))
    assert reply.headers["location"].startswith("/signin?")
    assert (await ada.get("/account")).status_code == 303


async def test_the_way_back_opens_no_other_session(school: Running, provider: Certified) -> None:
    ada, ilse = await ada_by(school, provider), await school.staff("ilse", dawdles=True)
    await away(school)
    there = await leaving(ada, {"next": "/account"})
    comes = await provider.sign_in(ada, there, "ada")
    ilse.cookies.set("stemlokaal-way", ada.cookies["stemlokaal-way"])
    assert (await ilse.get(comes)).headers["location"].startswith("/signin?")
    assert is_locked(await ilse.get("/account"))


async def test_who_came_with_a_password_is_asked_for_it_as_before(
    school: Running, provider: Certified
) -> None:
    await ada_by(school, provider)
    ilse = await school.staff("ilse", "en", dawdles=True)
    await away(school)
    locked = await ilse.get("/account", follow_redirects=True)
    assert (AGAIN in locked.text, 'type="password"' in locked.text) == (False, True)
    reply = await ilse.post("/lock", data={**hidden(locked), "password": PASSWORD})
    assert reply.headers["location"] == "/account"


# A provider that does not do as it is asked


@pytest.mark.parametrize(
    ("ago", "opens"),
    [(0, True), (50, True), (70, False), (3600, False), (None, False), ("now", False)],
)
async def test_when_it_asked_is_looked_at(
    school: Running, liar: Liar, ago: object, opens: bool
) -> None:
    way = await trusting(school, liar, await school.staff("ada"), second_factor="yes")
    ada = school.visitor("en")
    await told(school, liar, ada, way)
    await away(school)
    there = await leaving(ada, {"next": "/account"})
    now = int(school.clock().timestamp())
    liar.told["auth_time"] = now - ago if isinstance(ago, int) else ago
    reply = await ada.get(back_from(liar, there, now))
    assert (reply.headers.get("location") == "/account") is opens
    assert is_locked(await ada.get("/account")) is not opens


async def test_one_that_does_not_answer_says_so_and_keeps_what_was_filled_in(
    school: Running, liar: Liar
) -> None:
    way = await trusting(school, liar, await school.staff("ada"), second_factor="yes")
    ada = school.visitor("en")
    await told(school, liar, ada, way)
    await away(school)
    form = hidden(await ada.post("/school/settings", data=WHOLE))
    there, now = await leaving(ada, form), int(school.clock().timestamp())
    liar.replies = {"/token": (503, "", "{}"), "/.well-known/openid-configuration": (503, "", "")}
    reply = await ada.get(back_from(liar, there, now))
    assert "Het Kompas does not answer right now." in text_of(reply.text)
    assert hidden(reply) == form
    school.clock.go(hours=2)  # what it says of itself is asked again
    reply = await ada.post("/lock", data=hidden(reply))
    assert "Het Kompas does not answer right now." in text_of(reply.text)
    assert hidden(reply) == form


async def test_whoever_stops_there_is_back_at_the_lock(school: Running, liar: Liar) -> None:
    way = await trusting(school, liar, await school.staff("ada"), second_factor="yes")
    ada = school.visitor("en")
    await told(school, liar, ada, way)
    await away(school)
    there = await leaving(ada, {"next": "/account"})
    stopped = back_from(liar, there, 0).replace("code=", "error=access_denied&nothing=")
    reply = await ada.get(stopped)
    assert "You came back from Het Kompas without being signed in there." in text_of(reply.text)
    assert AGAIN in reply.text


def back_from(liar: Liar, there: str, now: int) -> str:
    """The liar has no page to sign in on: where it would send the browser."""
    asked = parse_qs(urlsplit(there).query)
    liar.nonce, liar.now = asked["nonce"][0], now
    brought = {"code": "a code", "state": asked["state"][0]}
    return f"{asked['redirect_uri'][0]}?{urlencode(brought)}"
