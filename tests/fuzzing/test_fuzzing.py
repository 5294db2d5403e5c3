"""Whatever is asked, by whomever, in whatever order: no page breaks, and none tells another's.

A short run always; `pytest -m fuzz` plays at least 20,000 requests and counts them in the table.
"""

import asyncio
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

import httpx
import pytest

from service import mistakes
from tests.fuzzing.forms import FormSeen, forms_of
from tests.fuzzing.operations import ENDLESS, Operation, operation_of, operations, together
from tests.fuzzing.playing import Played, play
from tests.governors import seated
from tests.house import Running
from tests.security.test_foreign_ids import add_adviser
from tests.tenants import TwoSchools

ROLES = ("nobody", "student", "teacher", "leader", "administrator", "adviser", "governor")
ORDINARY, ALL = 40, 2_900  # requests of each role
TEXT: dict[str, Any] = {"anyOf": [{"enum": [""]}, {"type": "string", "maxLength": 300}]}

NOT_ON_A_PAGE_YET = {
    "/surveys/{survey_id}/ask": "/classes/{group_id}/ask",
    "/surveys/{survey_id}/compose": "/classes/{group_id}/compose",
    "/surveys/{survey_id}/instrument": "/classes/{group_id}/instrument",
}
"""Forms that are shown later, and are the same as others."""

READ = {
    "/school/roster": ("plan", "language"),
    "/signin/proof": ("proof", "password", "language"),
    "/school/signin/new/{preset}": ("client_id", "secret", "language"),
    "/school/signin/{provider_id}": ("client_id", "secret", "language"),
    "/school/signin/{provider_id}/entrance": ("open", "language"),
    "/school/signin/local": ("local", "language"),
    "/schools/invitations/{token}": ("password", "language"),
    "/account/school": ("school",),
    "/account/second-factor": ("offered", "code", "language"),
    "/account/second-factor/another": ("password", "language"),
    "/account/second-factor/codes": ("password", "language"),
    "/account/second-factor/removal": ("password", "language"),
    "/forgotten": ("email", "language"),
    "/lock": ("next", "kept", "password", "language"),
    "/passwords/{token}": ("password", "language"),
    "/signin/code": ("next", "code", "recovery", "language"),
    "/start": ("token", "school", "name", "email", "password", "language"),
    "/invitations/{token}": ("password", "language"),
    "/surveys/{survey_id}/translations/{into}": ("name", "clarity", "own.1", "language"),
    "/school/groups/turnover": ("sure", "language"),
    "/visit/{token}": ("name", "language"),
    "/waves/{wave_id}/decision": ("decision", "language"),
}
"""Of forms that no page of the two schools shows at the start: the fields that are read."""


async def crowd(two: TwoSchools) -> dict[str, httpx.AsyncClient]:
    house = two.house
    await add_adviser(house)
    return {
        "nobody": house.visitor(),
        "student": house.visitor(),
        "teacher": await house.staff("ilse"),
        "leader": await house.staff("wim"),
        "administrator": await house.staff("ada"),
        "adviser": await house.staff("vera"),
        "governor": await seated(house),
    }


async def known_ids(two: TwoSchools, teacher: httpx.AsyncClient) -> defaultdict[str, list[str]]:
    """Of both schools; the first of each is one's own."""
    found: defaultdict[str, list[str]] = defaultdict(list)
    for ids in two.ilses, two.evas:
        for name, id in ids.items():
            found["round_id" if name == "open_round_id" else name].append(str(id))
    found["school_id"] = [str(two.house.cast.school), str(two.house.cast.other_school)]
    found["code"] = [await two.house.code(teacher, str(two.ilses["open_round_id"])), "BCDF2345"]
    found["key"] = ["schoolpuls", "lesfeedback"]
    found["into"] = ["en", "ar"]
    found["item"] = ["clarity", "own.1"]
    found["name"] = ["operators", "rules"]
    return found


FORMS: dict[Operation, FormSeen] = {}
"""Read once: the two schools are the same in every test, their ids included."""


async def forms(
    known: Iterable[Operation],
    crowd: Mapping[str, httpx.AsyncClient],
    ids: Mapping[str, list[str]],
) -> dict[Operation, FormSeen]:
    """All that stand on pages which one of them can open with the first id of each kind."""
    seen: list[tuple[Operation, FormSeen]] = []
    pages = [each for each in known if each.method == "GET" and not each.path.endswith(ENDLESS)]
    first = defaultdict(lambda: "x", {name: some[0] for name, some in ids.items()})
    paths = {each.path.format_map(first) for each in pages}
    closed, running = ids["round_id"][:2]
    paths |= {path.replace(closed, running) for path in paths}
    for visitor in crowd.values():
        for path in sorted(paths):
            reply = await visitor.get(path, follow_redirects=True)
            seen += [
                (target, form)
                for form in forms_of(reply.text, reply.url.path)
                if (target := operation_of(form.action, "POST", known))
            ]
    found = together(seen)
    by_path = {operation.path: form for operation, form in found.items()}
    for each in known:
        if not each.reads_form or each in found:
            continue
        if each.path in NOT_ON_A_PAGE_YET:
            found[each] = by_path[NOT_ON_A_PAGE_YET[each.path]]
        else:
            assert each.path in READ, f"{each.path}: no page shows its form; say what it reads"
            found[each] = FormSeen(each.path, False, dict.fromkeys(READ[each.path], TEXT))
    return found


@pytest.mark.fuzz
@pytest.mark.parametrize("role", ROLES)
async def test_no_request_breaks_a_page_or_opens_another_schools(
    two_schools: TwoSchools,
    role: str,
    table: dict[str, str],
    pytestconfig: pytest.Config,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    house = two_schools.house
    everybody = await crowd(two_schools)
    known = [*operations(house.app)]
    ids = await known_ids(two_schools, everybody["teacher"])
    FORMS.update(FORMS or await forms(known, everybody, ids))
    house.service.house.wrong_codes.pause = 0.0
    monkeypatch.setattr(mistakes, "PAUSE", 0.0)
    monkeypatch.setattr(mistakes, "MOST_CODES", 10**6)  # or whoever is drawn stays locked out
    played = Played(
        role=role,
        url=house.url,
        known=known,
        forms=FORMS,
        cookies=cookies_of(house, role, everybody[role]),
        ids=ids,
        foreign=re.compile(r"De Brug|\bEva\b|eva@"),
    )
    many = "fuzz" in pytestconfig.getoption("markexpr")
    await asyncio.to_thread(play, played, ALL if many else ORDINARY)
    broken = [record.message for record in caplog.records if record.levelname == "ERROR"]
    assert broken == []
    assert played.broken == []
    count(table, played)


def cookies_of(house: Running, role: str, first: httpx.AsyncClient) -> Any:
    """Called from the thread that plays: signed in anew where the session has ended."""
    loop = asyncio.get_running_loop()
    names = {
        "teacher": "ilse",
        "leader": "wim",
        "administrator": "ada",
        "adviser": "vera",
        "governor": "bea",
    }
    held = dict(first.cookies)

    def cookies() -> dict[str, str]:
        name = names.get(role)
        if name is None or alive(house, role, held):
            return held
        visitor = asyncio.run_coroutine_threadsafe(house.staff(name), loop).result()
        held.update(visitor.cookies)
        return held

    return cookies


def alive(house: Running, role: str, cookies: dict[str, str]) -> bool:
    page = "/schools" if role == "governor" else "/account"
    return httpx.get(house.url + page, cookies=cookies, verify=False).status_code == 200


def count(table: dict[str, str], played: Played) -> None:
    """Every role adds to one line."""
    line = "requests by Schemathesis, of every role"
    before = re.match(r"([\d,]+)", table.get(line, "0"))
    assert before
    cases = int(before[1].replace(",", "")) + played.cases
    table[line] = f"{cases:,}, of which 0 ended in an error"
