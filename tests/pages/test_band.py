"""The school's band: from five classes on, of teachers who want it, and never an extreme."""

from httpx import AsyncClient

from tests.house import Running
from tests.pages.test_answering import GOOD

BAND = "De grijze band"


async def asked(house: Running, teacher: AsyncClient, name: str, positive: int) -> str:
    """A class in which `positive` of ten found it clear; the address of its survey."""
    await house.add_class(name, 12)
    survey = await house.survey(name)
    round_id = await house.open_round(teacher, survey)
    code = await house.code(teacher, round_id)
    for number in range(10):
        clear = "4" if number < positive else "1"
        await house.answer(code, {**GOOD, "clarity": clear})
    await house.close(teacher, round_id)
    return f"/surveys/{survey.survey_id}"


async def test_it_shows_from_five_classes_on_and_only_of_those_who_want_it(
    house: Running,
) -> None:
    ilse = await house.staff("ilse")
    pages = [
        await asked(house, ilse, f"4{n}", positive) for n, positive in enumerate((3, 4, 5, 6, 7))
    ]
    for page in pages[:4]:
        await ilse.post(f"{page}/sharing", data={"in_band": "yes"})
    assert BAND not in (await ilse.get(pages[4])).text
    await ilse.post(f"{pages[4]}/sharing", data={"in_band": "yes"})
    shown = (await ilse.get(pages[4])).text
    assert (
        f"{BAND}: de helft van de klassen op deze school zit tussen 40% en 60%."
        in shown.replace("\xa0", "")
    )
    await ilse.post(f"{pages[0]}/sharing", data={})
    assert BAND not in (await ilse.get(pages[4])).text
