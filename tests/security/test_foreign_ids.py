"""Every route with every kind of id that is not one's own: for each role there is nothing there.

Routes come from the running application. A new one is tried by itself; where it names something
new, or answers otherwise, a test here fails until somebody has said what is right.
"""

import re
from collections.abc import Iterator, Mapping
from uuid import UUID

import asyncpg
import httpx

from tests.governors import seated
from tests.house import HASH, Running
from tests.tenants import (
    TwoSchools,
    address,
    ask,
    everything_of,
    routes,
)

NOWHERE = UUID(int=7)
ROLES = ("nobody", "student", "teacher", "leader", "administrator", "adviser", "governor")

OF_NO_SCHOOL = "/school/outside/{governing_id:uuid}"
"""A governing board that asks to see totals shows every leader what it asks for, before a yes."""

BACK_TO_ONES_OWN = {"/school/outside/{governing_id:uuid}/withdrawal": "/school/outside"}
"""Taken back twice, by two presses, is taken back: one's own list is shown, whatever the id."""

OF_THE_SCHOOL = {"request_id", "wave_id", "invitation_id", "governing_id"}
"""Whose these are is a role's, not a person's: tried with the pages of that role."""

NOT_OF_A_TEACHER = {  # a teacher's own id, and still not a teacher's page
    "/waves/{wave_id:uuid}",
    "/waves/{wave_id:uuid}/closure",
    "/surveys/{survey_id:uuid}/compose",  # not of her own making
    "/surveys/{survey_id:uuid}/instrument",
    "/surveys/{survey_id:uuid}/translations",
    "/surveys/{survey_id:uuid}/translations/{into:str}",
    OF_NO_SCHOOL,
    "/signin/with/{provider_id:uuid}",  # not switched on
    "/signout/{provider_id:uuid}",
}


async def visitors(two: TwoSchools) -> dict[str, httpx.AsyncClient]:
    """One of each role at Het Kompas; the student has just answered a round there."""
    house = two.house
    await add_adviser(house)
    student = house.visitor()
    ilse = await house.staff("ilse")
    await student.get(f"/{await house.code(ilse, str(two.ilses['open_round_id']))}")
    return {
        "nobody": house.visitor(),
        "student": student,
        "teacher": await house.staff("omar"),
        "leader": await house.staff("wim"),
        "administrator": await house.staff("ada"),
        "adviser": await house.staff("vera"),
        "governor": await seated(house),
    }


async def add_adviser(house: Running) -> None:
    look = await asyncpg.connect(house.dsn)
    account_id = await look.fetchval(
        """
        insert into account (account_id, email, name, password_hash, language)
        values (gen_random_uuid(), 'vera@example.org', 'Vera', $1, 'nl')
        returning account_id
        """,
        HASH,
    )
    await look.execute(
        "insert into membership (school_id, account_id, role) values ($1, $2, 'adviser')",
        house.cast.school,
        account_id,
    )
    await look.close()


def foreign(names: list[str], theirs: Mapping[str, UUID]) -> Iterator[dict[str, UUID]]:
    """All that is theirs; and a round of theirs that is open, which may do more."""
    yield {name: theirs[name] for name in names}
    if "round_id" in names:
        yield {**{name: theirs[name] for name in names}, "round_id": theirs["open_round_id"]}


def mixed(
    names: list[str], own: Mapping[str, UUID], theirs: Mapping[str, UUID]
) -> Iterator[dict[str, UUID]]:
    """One's own round with another's comment, and the other way round."""
    for name in names if len(names) > 1 else ():
        yield {**{each: own[each] for each in names}, name: theirs[name]}


def there_is_nothing(reply: httpx.Response, path: str) -> bool:
    """Not "you may not", which says that there is something. Who is nobody is asked to sign in."""
    if reply.status_code in (302, 303):
        to = reply.headers["location"]
        return to.startswith("/signin") or to == BACK_TO_ONES_OWN.get(path)
    return reply.status_code == 404


def without_ids(text: str) -> str:
    return re.sub(r"[0-9a-f]{8}-[0-9a-f-]{27}", "an id", text)


async def test_no_role_finds_or_changes_anything_of_another_school(
    two_schools: TwoSchools, table: dict[str, str]
) -> None:
    """What is another school's is answered, to the letter, as what is not there at all."""
    house, look = two_schools.house, await asyncpg.connect(two_schools.house.dsn)
    theirs = two_schools.evas
    who = await visitors(two_schools)
    assert tuple(who) == ROLES
    before = await everything_of(look, house.cast.other_school)
    tried = found = 0
    for method, path, names in routes(house):
        assert set(names) <= set(theirs), f"{path} names something new: give it to both schools"
        nowhere = dict.fromkeys(names, NOWHERE)
        for role, visitor in who.items():
            missing = await ask(visitor, method, address(path, nowhere))
            for ids in foreign(names, theirs):
                reply = await ask(visitor, method, address(path, ids))
                tried += 1
                where = f"{role}: {method} {path} -> {reply.status_code}"
                if path == OF_NO_SCHOOL and role == "leader":
                    continue
                told = re.search(r"De Brug|Eva\b|eva\b", reply.text)
                found += not there_is_nothing(reply, path) or told is not None
                assert there_is_nothing(reply, path), where
                assert not told, where
                assert without_ids(reply.text) == without_ids(missing.text), where
        assert await everything_of(look, house.cast.other_school) == before, path
    await look.close()
    assert tried > 7 * 70
    table["routes with ids of another school"] = f"{tried} tried, {found} told something"


async def test_an_id_of_ones_own_opens_no_door_to_anothers(two_schools: TwoSchools) -> None:
    """Two ids in one address: each of them has to be one's own."""
    house, look = two_schools.house, await asyncpg.connect(two_schools.house.dsn)
    ilse = await house.staff("ilse")
    before = [await everything_of(look, school) for school in schools(house)]
    tried = 0
    for method, path, names in routes(house):
        for ids in mixed(names, two_schools.ilses, two_schools.evas):
            reply = await ask(ilse, method, address(path, ids))
            assert reply.status_code in (303, 404), f"{method} {path} -> {reply.status_code}"
            assert not re.search(r"De Brug|Eva\b|eva\b", reply.text), path
            tried += 1
    assert tried
    assert [await everything_of(look, school) for school in schools(house)] == before
    await look.close()


def schools(house: Running) -> tuple[UUID, UUID]:
    return house.cast.school, house.cast.other_school


async def test_ids_in_a_form_are_looked_at_as_closely_as_in_an_address(
    two_schools: TwoSchools,
) -> None:
    """Own pages, and another school's people, surveys and groups in what is posted to them."""
    house, look = two_schools.house, await asyncpg.connect(two_schools.house.dsn)
    own, theirs = two_schools.ilses, two_schools.evas
    foreign_form = {
        "teacher": str(theirs["account_id"]),
        "given": "yes",
        "survey": str(theirs["survey_id"]),
        "about": str(theirs["round_id"]),
        "school": str(house.cast.other_school),
        f"fate-{theirs['group_id']}": "end",
        f"name-{theirs['group_id']}": "Afgepakt",
        str(theirs["account_id"]): "on",
        str(theirs["group_id"]): "on",
        "text": "Van een ander",
        "agreement": "Van een ander",
        "instrument": "lesfeedback",
        "members": "20",
        "sure": "yes",
    }
    words = {"into": "en", "token": "0" * 32, "key": "schoolpuls", "preset": "other"}
    named = {**own, **words, "school_id": house.cast.school}
    who = {name: await house.staff(name) for name in ("ilse", "wim", "ada")}
    before = await everything_of(look, house.cast.other_school)
    tried = 0
    for route in house.app.routes:
        handlers = getattr(route, "route_handler_map", {})
        if "POST" not in handlers or "deletion" in route.path or route.path == "/signout":
            continue
        path = re.sub(r"\{(\w+):\w+\}", lambda name: str(named[name[1]]), route.path)
        for name, visitor in who.items():
            reply = await visitor.post(path, data=foreign_form)
            assert reply.status_code < 500, f"{name}: {path}"
            assert "De Brug" not in reply.text, path
            tried += 1
    assert tried > 150
    assert await everything_of(look, house.cast.other_school) == before
    after = await everything_of(look, house.cast.school)
    for name in ("account_id", "survey_id", "group_id", "round_id"):
        where = [table for table, rows in after.items() if str(theirs[name]) in str(rows)]
        assert where == [], name
    await look.close()


async def test_no_route_opens_or_changes_what_is_another_teachers(
    two_schools: TwoSchools, table: dict[str, str]
) -> None:
    """Whose result it is decides: no colleague, leader or administrator opens it."""
    house, look = two_schools.house, await asyncpg.connect(two_schools.house.dsn)
    ilses = two_schools.ilses
    who = await visitors(two_schools)
    before = await everything_of(look, house.cast.school)
    tried = 0
    for method, path, names in routes(house):
        if path.startswith("/school/") or set(names) & OF_THE_SCHOOL:
            continue
        for role, visitor in who.items():
            missing = await ask(visitor, method, address(path, dict.fromkeys(names, NOWHERE)))
            for ids in foreign(names, ilses):
                reply = await ask(visitor, method, address(path, ids))
                where = f"{role}: {method} {path} -> {reply.status_code}"
                assert there_is_nothing(reply, path), where
                assert without_ids(reply.text) == without_ids(missing.text), where
                tried += 1
        assert await everything_of(look, house.cast.school) == before, path
    await look.close()
    table["routes with ids of another teacher"] = f"{tried} tried, 0 told something"


async def test_what_belongs_to_a_role_is_there_for_that_role_alone(two_schools: TwoSchools) -> None:
    """The school's own people, waves, invitations and talk requests, for whoever is not in that
    role: each page that a role does not have is, for it, not there."""
    house, look = two_schools.house, await asyncpg.connect(two_schools.house.dsn)
    who = await visitors(two_schools)
    own = two_schools.ilses
    mine = {
        "leader": ("wave_id", "governing_id", "account_id", "group_id", "invitation_id"),
        "administrator": ("group_id", "account_id", "invitation_id", "provider_id"),
        "adviser": ("request_id",),
    }
    before = await everything_of(look, house.cast.school)
    for method, path, names in routes(house):
        if not (path.startswith("/school/") or set(names) & OF_THE_SCHOOL):
            continue
        for role, visitor in who.items():
            if set(names) & set(mine.get(role, ())):
                continue
            reply = await ask(visitor, method, address(path, own))
            assert there_is_nothing(reply, path), f"{role}: {method} {path} -> {reply.status_code}"
    assert await everything_of(look, house.cast.school) == before
    await look.close()


async def test_their_own_teacher_does_get_in(two_schools: TwoSchools) -> None:
    """So that the refusals above are refusals, and not wrong addresses."""
    teacher = await two_schools.house.staff("eva")
    found: dict[str, int] = {}
    for method, path, _ in routes(two_schools.house):
        endless = path.endswith("/participation")
        if method == "GET" and not endless and not path.startswith("/school/"):
            reply = await teacher.get(address(path, two_schools.evas), follow_redirects=True)
            found[path] = reply.status_code
    assert set(found.values()) <= {200, 404}
    assert {path for path, status in found.items() if status == 404} <= NOT_OF_A_TEACHER
