"""Before the first round a teacher sees what a result looks like, and that it is made up."""

from tests.house import Running
from tests.pages.test_answering import GOOD


async def test_who_has_no_class_yet_is_led_to_an_example(house: Running) -> None:
    teacher = await house.staff("omar")
    assert 'href="/example"' in (await teacher.get("/classes")).text
    page = (await teacher.get("/example")).text
    assert "Dit is een voorbeeld" in page
    assert "26 van de 28 deden mee" in page
    assert "Duidelijk meer dan voor de afspraak" in page


async def test_on_the_example_there_is_nothing_to_do_to_a_class(house: Running) -> None:
    page = (await (await house.staff("omar")).get("/example")).text
    assert "<form" not in page
    assert "/surveys/" not in page


async def test_the_example_holds_nothing_of_a_real_class(house: Running) -> None:
    teacher = await house.staff("ilse")
    before = (await teacher.get("/example")).text
    round_id = await house.open_round(teacher, await house.survey("2B"))
    code = await house.code(teacher, round_id)
    for _ in range(9):
        await house.answer(code, GOOD)
    await house.close(teacher, round_id)
    assert (await teacher.get("/example")).text == before


async def test_the_example_is_for_staff(house: Running) -> None:
    async with house.visitor() as nobody:
        reply = await nobody.get("/example")
        assert reply.headers["location"].startswith("/signin")
