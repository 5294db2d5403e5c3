"""What a student is told before answering: the promise, the warning, and where to find help."""

import re

from surveys import helplines
from surveys.instrument import Stage
from tests.house import Running

NUMBERS = ("0800-0432", "0800-0113", "112")


async def page_of(house: Running, instrument: str, class_: str = "2B") -> str:
    teacher = await house.staff("ilse")
    survey = await house.survey(class_, instrument)
    code = await house.code(teacher, await house.open_round(teacher, survey))
    async with house.visitor() as student:
        return (await student.get(f"/{code}")).text


def words(html: str) -> str:
    """What the page says, without its drawings, style and script."""
    bare = re.sub(r"<(style|script|svg).*?</\1>|<[^>]+>", " ", html, flags=re.DOTALL)
    return re.sub(r"\s+", " ", bare)


async def test_the_promise_comes_before_the_first_question(house: Running) -> None:
    said = words(await page_of(house, "lesfeedback"))
    promise = said.index("Je docent en de school krijgen jouw antwoorden niet te zien.")
    assert promise < said.index("En alleen als 8 of meer leerlingen meedoen.")
    assert promise < said.index("Vraag 1 van 9")


async def test_wellbeing_is_told_from_ten_answers_on(house: Running) -> None:
    said = words(await page_of(house, "schoolpuls"))
    assert "En alleen als 10 of meer leerlingen meedoen." in said


async def test_children_are_spoken_to_as_children(house: Running) -> None:
    said = words(await page_of(house, "les-flits", "Groep 6"))
    assert "Je juf of meester krijgt niet te zien wat jij kiest. Ook niet later." in said
    assert "docent" not in said


async def test_words_that_nobody_has_checked_are_marked(house: Running) -> None:
    teacher = await house.staff("ilse")
    code = await house.code(teacher, await house.open_round(teacher, await house.survey("2B")))
    async with house.visitor("uk") as student:
        assert "ще не перевірила" in (await student.get(f"/{code}")).text
    async with house.visitor("nl") as student:
        assert "nagekeken" not in (await student.get(f"/{code}")).text


async def test_before_own_words_stands_who_reads_them_and_that_nobody_can_come(
    house: Running,
) -> None:
    html = await page_of(house, "lesfeedback")
    before = words(html[: html.index("<textarea")])
    assert "Je docent leest dit precies zoals jij het schrijft." in before
    assert "Aan hoe je schrijft, kan iemand je herkennen." in before
    assert "Daarom kan niemand je komen helpen." in before
    assert all(number in before for number in NUMBERS)


async def test_every_wellbeing_survey_says_where_to_find_help(house: Running) -> None:
    for instrument, class_ in (("schoolpuls", "2B"), ("hoe-zit-je-erbij", "Groep 6")):
        said = words(await page_of(house, instrument, class_))
        assert "Wil je met iemand praten?" in said
        assert all(number in said for number in NUMBERS)


def test_everybody_has_a_line_to_call_and_one_for_danger() -> None:
    for stage in Stage:
        lines = [line for line in helplines.of() if stage in line.stages]
        assert len(lines) >= 2
        assert lines[-1].danger
        assert all(line.digits.isdecimal() for line in lines)


def test_who_worries_about_a_student_has_a_line_of_their_own() -> None:
    (line,) = [line for line in helplines.of() if line.worried]
    assert (line.name, line.number) == ("Veilig Thuis", "0800-2000")
    assert not line.stages  # it is for adults; students read the lines that are for them
