"""The hard shell on every reply there is: pages, refusals, redirects, files, streams, errors."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from service import headers
from tests.house import NONCE, PASSWORD, Running, in_process, settle
from tests.pages.test_shell import everything, filled, lived, routes

CRLF = "\r\nSet-Cookie: a=b"
SHELL = {name.lower(): value for name, value in headers.SHELL.items()}


@asynccontextmanager
async def behind_tls(database: str, place: Path) -> AsyncIterator[Running]:
    """As behind a proxy that speaks TLS."""
    async with in_process(database, place, url="https://stem.school.nl") as running:
        await settle(running)
        yield running


def has_the_shell(reply: httpx.Response) -> None:
    held, where = reply.headers, f"{reply.request.method} {reply.url} -> {reply.status_code}"
    policy = held.get("content-security-policy", "")
    for part in "default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'":
        assert part in policy, where
    assert "unsafe" not in policy, where
    assert "http" not in policy, where  # nobody else's
    for name in (
        "x-content-type-options",
        "permissions-policy",
        "cross-origin-opener-policy",
        "cross-origin-resource-policy",
    ):
        assert held.get(name) == SHELL[name], f"{where}: {name}"
    assert held["referrer-policy"] in ("no-referrer", "same-origin"), where
    kept = "immutable" in held["cache-control"]
    assert kept == (reply.url.path.startswith("/static/") and reply.status_code == 200), where
    assert kept or held["cache-control"] == "no-store", where
    assert not [name for name in held if name.startswith("access-control-")], where
    assert "server" not in held or "/" not in held["server"], where
    if reply.content:
        kind = held["content-type"]
        assert not kind.startswith("text/") or "charset=utf-8" in kind or "event" in kind, where


async def replies(house: Running) -> AsyncIterator[httpx.Response]:
    """One of each kind, and of each route."""
    teacher, nobody = await house.staff("ilse"), house.visitor()
    ids = await lived(house, teacher)
    await house.add_class("3F", 24)
    code = await house.code(teacher, await house.open_round(teacher, await house.survey("3F")))
    elsewhere = {"Origin": "https://evil.example.org"}
    for method, path, _ in routes(house):
        for visitor in teacher, nobody:
            if method == "GET" and not path.endswith("/participation"):
                yield await visitor.get(filled(path, ids), headers=elsewhere)
    page = await nobody.get(f"/{code}")
    style = re.search(r'href="(/static/\w+/style.css)"', (await teacher.get("/classes")).text)
    nonce = NONCE.search(page.text)
    assert style
    assert nonce
    yield page
    yield await nobody.get(f"/{code.lower()}")
    yield await nobody.get("/ZZZZ9999")
    yield await nobody.get(style[1])
    yield await nobody.post(f"/{code}", data={"nonce": nonce[1]})
    yield await nobody.post(f"/{code}", data={"nonce": nonce[1], "clarity": "4"})
    yield await nobody.post(f"/{code}", content=b"x" * 70_000)
    yield await nobody.put(f"/{code}")
    yield await nobody.post("/", data={"code": "ZZZZ9999"})
    yield await teacher.post("/classes/new", data={"name": ""})
    yield await teacher.post("/classes/new", data={"name": "x"}, headers=elsewhere)
    yield await teacher.post("/classes/new", content=b"x" * 70_000)
    yield await teacher.delete("/classes")
    yield await teacher.options("/classes")
    yield await teacher.head("/classes")


async def test_every_reply_of_every_kind_has_the_hard_shell(house: Running) -> None:
    statuses: set[int] = set()
    async for reply in replies(house):
        has_the_shell(reply)
        statuses.add(reply.status_code)
    assert {200, 302, 303, 403, 404, 405, 413, 422} <= statuses


async def test_over_tls_every_reply_holds_to_tls_for_years(database: str, place: Path) -> None:
    async with behind_tls(database, place) as house:
        found = 0
        async for reply in replies(house):
            policy = reply.headers["strict-transport-security"]
            years = re.fullmatch(r"max-age=(\d+); includeSubDomains", policy)
            assert years, reply.url
            assert int(years[1]) >= 365 * 24 * 3600
            found += 1
        assert found > 100


async def test_an_event_stream_has_the_hard_shell(database: str, place: Path) -> None:
    async with behind_tls(database, place) as house:
        teacher = await house.staff("ilse")
        survey = await house.survey("2B")
        round_id = await house.open_round(teacher, survey)
        reply = await teacher.get(f"/rounds/{round_id}/participation")
        assert reply.headers["content-type"].startswith("text/event-stream")
        has_the_shell(reply)
        assert "strict-transport-security" in reply.headers


async def test_every_cookie_is_bound_to_tls_and_out_of_reach_of_scripts(
    database: str, place: Path
) -> None:
    """The session's is of this host alone; a student's marker goes to the page of one round and to
    no other, and so cannot be."""
    async with behind_tls(database, place) as house:
        teacher = await house.staff("ilse")
        signed_in = await house.visitor().post(
            "/signin", data={"email": "ilse@example.org", "password": PASSWORD}
        )
        survey = await house.survey("2B")
        code = await house.code(teacher, await house.open_round(teacher, survey))
        answered = await house.answer(code, {"clarity": "4"})
        session, marker = signed_in.headers["set-cookie"], answered.headers["set-cookie"]
        for cookie in session, marker:
            assert "Secure" in cookie
            assert "HttpOnly" in cookie
            assert "samesite=lax" in cookie.lower()
            assert "domain" not in cookie.lower()
        assert session.startswith("__Host-")
        assert "Path=/;" in session
        assert marker.startswith("__Secure-")
        assert f"Path=/{code};" in marker


async def test_no_header_is_made_of_what_a_visitor_sends(house: Running) -> None:
    teacher = await house.staff("ilse")
    nobody = house.visitor()
    await house.add_class(f'2"; x=y{CRLF}', 24)
    survey = await house.survey(f'2"; x=y{CRLF}')
    sent = [
        await nobody.get("/signin", params={"next": f"/classes{CRLF}", "language": f"nl{CRLF}"}),
        await nobody.post(
            "/signin",
            data={
                "email": "ilse@example.org",
                "password": PASSWORD,
                "next": f"/classes{CRLF}",
            },
        ),
        await nobody.post("/", data={"code": f"ABCD{CRLF}", "language": f"nl{CRLF}"}),
        await nobody.get("/rounds/%0d%0aSet-Cookie:%20a=b"),
        await nobody.get("/%0d%0aSet-Cookie:%20a=b"),
        await teacher.get("/classes", params={"language": f"en{CRLF}"}),
        await teacher.get(f"/surveys/{survey.survey_id}/results.csv"),
    ]
    for reply in sent:
        assert reply.status_code < 500
        assert not [each for each in reply.headers.get_list("set-cookie") if each.startswith("a=")]
        assert "\n" not in reply.headers.get("location", "")


async def test_a_file_is_handed_over_under_a_name_of_ours_and_not_shown(house: Running) -> None:
    teacher, ada = await house.staff("ilse"), await house.staff("ada")
    name = '2"; filename=x.exe'
    await house.add_class(name, 24)
    survey = await house.survey(name)
    handed = [
        await teacher.get(f"/surveys/{survey.survey_id}/results.csv"),
        await ada.get("/school/roster/example.zip"),
        await ada.get("/school/roster/present.zip"),
    ]
    for reply in handed:
        assert reply.status_code == 200
        said = reply.headers["content-disposition"]
        assert said.startswith("attachment; filename")
        assert said.count(";") == 1  # whatever the class is called
        assert said.isascii()
        has_the_shell(reply)


async def test_nothing_is_changed_by_looking(house: Running) -> None:
    teacher = await house.staff("ilse")
    visitors = [teacher, await house.staff("ada"), house.visitor()]
    ids = await lived(house, teacher)
    before = await everything(house)
    for method, path, _ in routes(house):
        if method == "GET" and not path.endswith("/participation"):
            for visitor in visitors:
                await visitor.get(filled(path, ids))
    assert await everything(house) == before


@pytest.mark.parametrize("method", ["TRACE", "PUT", "DELETE", "PATCH", "OPTIONS", "HELLO"])
async def test_only_what_a_route_takes_is_taken(house: Running, method: str) -> None:
    """TRACE would repeat a cookie; nothing of ours is put, patched or deleted."""
    teacher = await house.staff("ilse")
    for path in "/classes", "/", "/signin", "/ZZZZ9999", "/health/live":
        reply = await teacher.request(method, path, headers={"X-Secret": "geheim"})
        assert reply.status_code in (204, 400, 404, 405), path
        assert "geheim" not in reply.text
        assert "geheim" not in str(reply.headers)


@pytest.mark.parametrize(
    "path",
    [
        "/.git/config",
        "/.env",
        "/static/",
        "/static/x/",
        "/static/x/app.py",
        "/static/x/..%2fpyproject.toml",
        "/static/x/%2e%2e",
        "/service/app.py",
        "/schema",
        "/schema/openapi.json",
        "/openapi.json",
        "/docs",
        "/debug",
        "/server-status",
        "/demo",
    ],
)
async def test_no_file_no_list_and_no_tool_but_the_pages_is_served(
    house: Running, path: str
) -> None:
    reply = await house.visitor().get(path)
    assert reply.status_code == 404
    assert "Traceback" not in reply.text


@pytest.mark.parametrize(
    "claims",
    [
        {"X-Forwarded-For": "203.0.113.9"},
        {"X-Forwarded-For": "127.0.0.1"},
        {"X-Real-IP": "203.0.113.9"},
        {"Forwarded": "for=203.0.113.9"},
        {"Via": "1.1 proxy"},
        {"X-Forwarded-Host": "stem.school.nl"},
        {"Host": "stem.school.nl"},
    ],
)
async def test_figures_are_for_this_machine_whatever_a_proxy_passes_on(
    house: Running, claims: dict[str, str]
) -> None:
    """A proxy on the same machine comes from this machine: it is known by what it says, or by the
    name that its visitor asked for."""
    assert (await house.visitor().get("/metrics")).status_code == 200
    assert (await house.visitor().get("/metrics", headers=claims)).status_code == 404


async def test_what_is_in_the_address_is_no_part_of_a_form_and_twice_is_once(
    house: Running,
) -> None:
    nobody = house.visitor()
    right = {"email": "ilse@example.org", "password": PASSWORD}
    assert (await nobody.post("/signin", params=right)).status_code == 422
    twice = f"email=eva%40example.org&email=ilse%40example.org&password={PASSWORD}"
    reply = await nobody.post(
        "/signin",
        content=twice,
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    )
    assert reply.status_code in (303, 400, 422)
    if reply.status_code == 303:
        assert "Eva" not in (await nobody.get("/account")).text


async def test_fields_that_a_form_does_not_have_change_nothing(house: Running) -> None:
    teacher = await house.staff("ilse")
    form: dict[str, Any] = {
        "name": "4C",
        "kind": "class",
        "stage": "secondary",
        "members": "20",
        "school_year": "2026",
        "year_group": "4",
        "school_id": str(house.cast.other_school),
        "group_id": str(house.cast.classes["2B"].group_id),
        "account_id": str(house.cast.people["eva"]),
        "owner": str(house.cast.people["eva"]),
        "role": "leader",
        "ended_on": "2020-01-01",
    }
    assert (await teacher.post("/classes/new", data=form)).status_code == 303
    page = (await teacher.get("/classes")).text
    assert "4C" in page
    assert "2B" in page
    assert (await teacher.get("/school/people")).status_code == 404


async def test_a_password_is_typed_unseen_may_be_pasted_and_is_taken_as_it_is(
    house: Running,
) -> None:
    nobody = house.visitor()
    field = re.search(r'<input[^>]*name="password"[^>]*>', (await nobody.get("/signin")).text)
    assert field
    assert 'type="password"' in field[0]
    assert 'autocomplete="current-password"' in field[0]
    assert not re.search(r"onpaste|maxlength|pattern", field[0])
    for other in PASSWORD.upper(), f" {PASSWORD}", f"{PASSWORD} ", PASSWORD[:-1]:
        data = {"email": "ilse@example.org", "password": other}
        assert (await nobody.post("/signin", data=data)).status_code == 422


async def test_every_page_of_staff_leads_to_the_way_out(house: Running) -> None:
    teacher = await house.staff("ilse")
    for page in "/classes", "/boards", "/shared", "/classes/new":
        assert 'href="/account"' in (await teacher.get(page)).text, page
    assert 'action="/signout"' in (await teacher.get("/account")).text


@pytest.mark.parametrize("language", ["nl", "en"])
async def test_a_body_without_a_length_has_an_end_too(house: Running, language: str) -> None:
    async def endless() -> AsyncIterator[bytes]:
        for _ in range(40):
            yield b"x" * 5_000

    teacher = await house.staff("ilse", language)
    code = await house.code(teacher, await house.open_round(teacher, await house.survey("2B")))
    for visitor, path in (
        (teacher, "/classes/new"),
        (house.visitor(language), "/signin"),
        (house.visitor(language), f"/{code}"),
        (house.visitor(language), f"/talk/{house.cast.school}"),
    ):
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        reply = await visitor.post(path, content=endless(), headers=form)
        assert reply.status_code == 413, path
        assert f'lang="{language}"' in reply.text, path
