"""What holds for every page: no posts from other sites, no lost forms, errors as kind pages.

Routes come from the running application, so that a page added later is tried too.
"""

import re
from collections.abc import Iterator
from uuid import UUID

import asyncpg
import httpx
import pytest
from litestar._parsers import parse_url_encoded_form_data

from tests.house import Running
from tests.pages.living import told

ELSEWHERE = [
    {"Sec-Fetch-Site": "cross-site"},
    {"Sec-Fetch-Site": "same-site"},
    {"Origin": "https://evil.example.org"},
    {"Origin": "null"},
    {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example.org"},
]
FORM = "application/x-www-form-urlencoded"
TYPED = "wat er al was ingevuld"


def routes(house: Running) -> Iterator[tuple[str, str, bool]]:
    """Method, path, and whether it is a student's."""
    for route in house.app.routes:
        for method, found in getattr(route, "route_handler_map", {}).items():
            handler = found[0] if isinstance(found, tuple) else found
            if method != "OPTIONS":
                yield method, route.path, bool(handler.opt.get("student"))


async def everything(house: Running) -> list[str]:
    """All that is kept, but for sessions and the stock of keys."""
    connection = await asyncpg.connect(house.dsn)
    try:
        tables = await connection.fetch(
            """
            select relname from pg_class
            where relnamespace = 'public'::regnamespace and relkind = 'r'
              and relname not in ('session', 'key_stock', 'migration')
            """
        )
        return [
            str(
                await connection.fetchval(
                    f"select string_agg(t::text, '|' order by t) from {name} t"
                )
            )
            for (name,) in tables
        ]
    finally:
        await connection.close()


async def lived(house: Running, teacher: httpx.AsyncClient) -> dict[str, str]:
    """What stands in the addresses of Ilse's pages."""
    survey, page = await told(house, teacher)
    return {
        "group_id": str(survey.group_id),
        "survey_id": str(survey.survey_id),
        "round_id": page.removeprefix("/rounds/"),
        "account_id": str(house.cast.people["omar"]),
    }


def filled(path: str, ids: dict[str, str]) -> str:
    nowhere = str(UUID(int=0))
    return re.sub(r"\{(\w+):\w+\}", lambda found: ids.get(found[1], nowhere), path)


@pytest.mark.parametrize("name", ["ilse", "ada"])
async def test_a_page_of_another_site_posts_nothing_in_anybodys_name(
    house: Running, name: str
) -> None:
    ids = await lived(house, await house.staff("ilse"))
    visitor = await house.staff(name)
    before, tried = await everything(house), 0
    for method, path, student in routes(house):
        if method in ("GET", "HEAD") or student:
            continue
        for headers in ELSEWHERE:
            reply = await visitor.request(
                method, filled(path, ids), data={"name": "x"}, headers=headers
            )
            assert reply.status_code == 403, path
            tried += 1
    assert tried > 60
    assert await everything(house) == before
    assert (await visitor.get("/classes")).status_code == 200  # not even signed out


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Sec-Fetch-Site": "same-origin"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "our own"},
    ],
)
async def test_our_own_pages_may_post(house: Running, headers: dict[str, str]) -> None:
    teacher = await house.staff("ilse")
    own = {name: house.url if value == "our own" else value for name, value in headers.items()}
    assert (await teacher.post("/signout", headers=own)).status_code == 303


# Choosing a language


LANGUAGE = re.compile(r'<button[^>]*\bform="([\w-]+)"[^>]*\bname="language" value="(\w+)"')


async def test_choosing_a_language_loses_nothing_that_was_filled_in_on_any_page(
    house: Running,
) -> None:
    """Each form that offers the choice is filled in and posted with it: it comes back as it was."""
    pages: dict[str, httpx.AsyncClient] = {}
    ilse, ada = await house.staff("ilse"), await house.staff("ada")
    ids = await lived(house, ilse)
    invited = await ada.post(
        "/school/invitations",
        data={"name": "Noor", "email": "noor@example.org", "role": "teacher"},
    )
    link = re.search(r"/invitations/\w{32}", invited.text)
    assert link
    for method, path, student in routes(house):
        if method == "GET" and not student and "participation" not in path:
            pages[filled(path, ids)] = ada if path.startswith("/school") else ilse
    house.clock.go(days=8)  # so that the class may be asked again
    ilse, ada = await house.staff("ilse"), await house.staff("ada")
    pages = {page: ada if page == "/school" else ilse for page in pages}
    pages |= {link[0]: house.visitor(), "/signin": house.visitor()}
    before, switched = await everything(house), set()
    for page, visitor in pages.items():
        shown = (await visitor.get(page)).text
        choice = LANGUAGE.search(shown)
        if not choice:
            continue
        form, language = choice.groups()
        html = re.search(rf'<form[^>]*id="{form}".*?</form>', shown, re.DOTALL)
        assert html, page
        action = re.search(r'action="([^"]+)"', html[0])
        fields = re.findall(r"<(?:input|textarea)\b[^>]*>", html[0])
        typed = {
            name[1]: TYPED
            for field in fields
            if (name := re.search(r'name="([^"]+)"', field))
            and not re.search(r'type="(radio|checkbox|hidden|password|file)"', field)
        }
        posted = {**typed, "language": language}
        if "multipart" in html[0]:
            reply = await visitor.post(page, files={name: (None, posted[name]) for name in posted})
        else:
            reply = await visitor.post(action[1] if action else page, data=posted)
        assert reply.status_code == 200, page
        assert f'lang="{language}"' in reply.text, page
        assert reply.text.count(TYPED) >= len(typed), page
        assert "aria-invalid" not in reply.text, page
        switched.add(form)
    assert len(switched) >= 7
    assert await everything(house) == before


async def test_a_chosen_language_lasts_on_staff_pages(house: Running) -> None:
    teacher = await house.staff("ilse")
    assert 'lang="nl"' in (await teacher.get("/classes")).text
    assert 'lang="en"' in (await teacher.get("/classes?language=en")).text
    assert 'lang="en"' in (await teacher.get("/account")).text
    assert 'lang="nl"' in (await teacher.get("/account?language=nl")).text
    assert 'lang="nl"' in (await teacher.get("/account?language=xx")).text


# Headers and errors


async def test_every_page_and_every_refusal_comes_with_the_hard_shell(house: Running) -> None:
    teacher = await house.staff("ilse")
    ids = await lived(house, teacher)
    for method, path, _ in routes(house):
        if method != "GET" or "participation" in path or path.startswith("/static"):
            continue
        for visitor in teacher, house.visitor():
            headers = (await visitor.get(filled(path, ids))).headers
            policy = headers.get("content-security-policy", "")
            assert "default-src 'none'" in policy, path
            assert "frame-ancestors 'none'" in policy, path
            assert "unsafe" not in policy, path
            assert "no-store" in headers["cache-control"], path
            assert headers["x-content-type-options"] == "nosniff", path
            assert headers["referrer-policy"] in ("same-origin", "no-referrer"), path


@pytest.mark.parametrize("language", ["nl", "en"])
async def test_what_is_not_there_is_said_kindly_in_the_visitors_language(
    house: Running, language: str
) -> None:
    async with house.visitor(language) as visitor:
        for address in (
            "/rounds/nothing",
            "/a/b/c",
            f"/rounds/{UUID(int=1)}/x",
            "/ZZZZ9999",
            "/static/x/%00",
            "/static/x/..",
        ):
            reply = await visitor.get(address)
            assert reply.status_code == 404
            assert f'lang="{language}"' in reply.text
        reply = await visitor.request("DELETE", "/classes")
        assert reply.status_code == 405
        assert f'lang="{language}"' in reply.text


async def test_a_page_that_fails_says_so_without_saying_why(house: Running) -> None:
    teacher = await house.staff("ilse")
    connection = await asyncpg.connect(house.dsn)
    await connection.execute("alter table teaching rename to teaching_away")
    reply = await teacher.get("/classes")
    await connection.close()
    assert reply.status_code == 500
    assert 'lang="nl"' in reply.text
    for inside in "teaching", "Traceback", "asyncpg", "Undefined":
        assert inside not in reply.text


async def test_a_body_that_is_no_form_or_too_large_is_refused(house: Running) -> None:
    teacher = await house.staff("ilse")
    large = await teacher.post("/classes/new", data={"name": "x" * 100_000})
    assert large.status_code == 413
    for body, kind in (b"{", "application/json"), (b"\xff\xfe=%zz", FORM), (b"", FORM):
        reply = await teacher.post("/classes/new", content=body, headers={"Content-Type": kind})
        assert 400 <= reply.status_code < 500


async def test_nothing_keeps_a_form_that_was_read(house: Running) -> None:
    """The framework would keep the last 1,024: passwords, and what children answered."""
    kept = parse_url_encoded_form_data.cache_info
    teacher = await house.staff("ilse")
    assert kept().currsize == 0
    code = await house.code(teacher, await house.open_round(teacher, await house.survey("2B")))
    assert kept().currsize == 0
    before = kept().misses
    assert (await house.answer(code, {"clarity": "4"})).status_code == 200
    assert kept().misses == before


@pytest.mark.parametrize("body", [b"a=1&" * 300, b"\xff\xfe", b"x" * 70_000])
async def test_what_is_no_form_is_refused_kindly(house: Running, body: bytes) -> None:
    teacher = await house.staff("ilse")
    code = await house.code(teacher, await house.open_round(teacher, await house.survey("2B")))
    async with house.visitor() as student:
        reply = await student.post(f"/{code}", content=body)
        assert reply.status_code in (400, 413)
        assert "Content-Security-Policy" in reply.headers
        assert (await student.put(f"/{code}")).status_code == 405
        assert (await student.get(f"/{code}/")).status_code == 200
