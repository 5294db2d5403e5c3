"""A student asks for a talk: read by the confidential adviser alone, and tied to no answer."""

import re

from httpx import AsyncClient

from service.storage import people, tenancy
from surveys.access import Role
from tests.house import Running

STAFF = ("ilse", "omar", "wim", "ada", "eva")


async def appoint(house: Running, name: str) -> AsyncClient:
    async with tenancy.school(house.service.house.pool, house.cast.school) as connection:
        await people.grant(connection, house.cast.school, house.cast.people[name], Role.ADVISER)
    return await house.staff(name)


async def test_it_is_not_offered_while_nobody_would_read_it(house: Running) -> None:
    async with house.visitor() as student:
        assert (await student.get(f"/talk/{house.cast.school}")).status_code == 404
    teacher = await house.staff("ilse")
    survey = await house.survey("Groep 6", "hoe-zit-je-erbij")
    code = await house.code(teacher, await house.open_round(teacher, survey))
    async with house.visitor() as student:
        assert "/talk/" not in (await student.get(f"/{code}")).text
        await appoint(house, "omar")
        house.clock.go(seconds=90)
        page = (await student.get(f"/{code}")).text
        assert f"/talk/{house.cast.school}" in page
        assert "Omar" in page  # the school's adviser, by name


async def test_the_adviser_reads_it_and_nobody_else(house: Running) -> None:
    adviser = await appoint(house, "omar")
    async with house.visitor() as student:
        reply = await student.post(
            f"/talk/{house.cast.school}", data={"name": "Robin de Wit", "class": "2B"}
        )
        assert reply.status_code == 200
        assert "set-cookie" not in reply.headers
    assert "Robin de Wit" in (await adviser.get("/talks")).text
    for name in STAFF:
        if name == "omar":
            continue
        other = await house.staff(name)
        for path in ("/talks", "/school", "/classes"):
            assert "Robin de Wit" not in (await other.get(path)).text
        assert (await other.get("/talks")).status_code == 404


async def test_an_adviser_without_a_class_is_led_to_the_requests(house: Running) -> None:
    leader = await house.staff("wim")
    invited = {"name": "Noor", "email": "noor@example.org", "role": "adviser"}
    page = (await leader.post("/school/invitations", data=invited)).text
    path = page.split(f'value="{house.url}')[1].split('"')[0]
    noor = house.visitor()
    assert "asks for a talk" in (await noor.get(f"{path}?language=en")).text
    await noor.post(path, data={"password": "four words that differ"})
    person = re.search(r"/school/people/[0-9a-f-]{36}", (await leader.get("/school")).text)
    assert person
    await leader.post(f"{person[0]}/confirmation")
    home = (await noor.get("/classes")).text
    assert 'href="/talks"' in home.partition("<main")[2]
    assert 'href="/school"' not in home


async def test_a_handled_request_can_be_taken_up_again(house: Running) -> None:
    adviser = await appoint(house, "omar")
    async with house.visitor() as student:
        await student.post(f"/talk/{house.cast.school}", data={"name": "Robin"})
    path = (await adviser.get("/talks")).text.split('action="')[1].split('"')[0]
    await adviser.post(path)
    assert 'name="again"' in (await adviser.get("/talks")).text
    await adviser.post(path, data={"again": "yes"})
    assert 'name="again"' not in (await adviser.get("/talks")).text


async def test_a_form_without_a_name_comes_back_filled(house: Running) -> None:
    await appoint(house, "omar")
    async with house.visitor() as student:
        reply = await student.post(f"/talk/{house.cast.school}", data={"name": " ", "class": "2B"})
        assert reply.status_code == 422
        assert 'value="2B"' in reply.text
        other = await student.post(
            f"/talk/{house.cast.school}", data={"class": "2B", "language": "ar"}
        )
        assert other.status_code == 200
        assert 'dir="rtl"' in other.text
        assert 'value="2B"' in other.text
