"""Help says what the code does: its figures, its links, both languages, every table."""

import re
from html import unescape

import asyncpg
import pytest

from service import retention
from service.languages import STAFF
from service.pages.help import ELSEWHERE, FIGURES, FOLDER, MARKDOWN, PAGES, written
from service.storage.holding import Holding
from surveys import release, trends
from surveys.instrument import library
from surveys.rounds import MOST_MEMBERS, MOST_RAISED
from tests.house import Running
from tests.surveys import test_release

GOOD = {item.id: "4" for item in library()["lesfeedback"].closed}
ADDRESSES = {
    "index": "/help",
    "privacy": "/privacy",
    "database": "/privacy/database",
    "dpia": "/privacy/dpia",
} | {name: f"/help/{name}" for name in PAGES - ELSEWHERE}
NOTHING = Holding(open_rounds=0, being_counted=0, anything=False)
LINK = re.compile(r'href="([^"]+)"')
HELD = re.compile(r"<strong>(.*?)</strong>")

every_page = pytest.mark.parametrize("name", sorted(PAGES))
both_languages = pytest.mark.parametrize("language", STAFF)


def text_of(name: str, language: str) -> str:
    return written(name, language, **({"held": NOTHING} if name == "database" else {}))


def source(name: str, language: str) -> str:
    return (FOLDER / f"{name}.{language}.md").read_text()


# Every page, for everybody


@every_page
async def test_every_page_is_there_in_both_languages_without_signing_in(house: Running, name: str):
    for language in STAFF:
        async with house.visitor(language) as anybody:
            reply = await anybody.get(ADDRESSES[name])
            assert reply.status_code == 200
            assert f'<html lang="{language}"' in reply.text
            title = text_of(name, language).partition("\n")[0].removeprefix("# ")
            assert f"<h1>{title}</h1>" in unescape(reply.text)
            assert "set-cookie" not in reply.headers


async def test_every_link_leads_to_a_page(house: Running) -> None:
    async with house.visitor() as anybody:
        for address in ADDRESSES.values():
            page = (await anybody.get(address)).text
            article = page.partition("<article")[2]
            for link in LINK.findall(article):
                assert link.startswith("/")
                assert (await anybody.get(link, follow_redirects=True)).status_code == 200, link


@pytest.mark.parametrize("name", ["", "privacy", "database", "nothing", "index", "..%2Fsecret"])
async def test_there_is_no_other_page(house: Running, name: str) -> None:
    async with house.visitor() as anybody:
        reply = await anybody.get(f"/help/{name}")
        assert reply.status_code == (200 if name == "" else 404)


@every_page
@both_languages
def test_a_page_is_markdown_without_html(name: str, language: str) -> None:
    assert not re.search(r"<\w", text_of(name, language))


def test_html_in_a_page_would_be_shown_not_run() -> None:
    assert "<script>" not in MARKDOWN.render("<script>alert(1)</script>")


@every_page
def test_both_languages_tell_the_same_figures(name: str) -> None:
    told = [re.findall(r"{{.*?}}", source(name, language)) for language in STAFF]
    assert len({tuple(sorted(figures)) for figures in told}) == 1
    shapes = [re.findall(r"(?m)^(#+|- |\d\. |\||```)", source(name, one)) for one in STAFF]
    assert shapes[0] == shapes[1]


# Figures


@both_languages
def test_the_table_of_the_rules_is_that_of_the_code(language: str) -> None:
    rows = re.findall(r"(?m)^\|[^|]+\| (\d+) \| (\d+) \|$", text_of("privacy", language))
    rules = (release.LESSON, release.WELLBEING, release.SMALL_CLASSES)
    assert [(int(k), int(d)) for k, d in rows] == [(rule.k, rule.d) for rule in rules]


@both_languages
def test_the_example_is_what_a_class_would_be_told(language: str) -> None:
    low = release.coded(28, 28, release.LESSON.d).low
    words = {"nl": f"({low} of meer van de 28)", "en": f"({low} or more of 28)"}
    assert words[language] in text_of("privacy", language)


@both_languages
def test_each_life_stands_on_the_page_about_privacy(language: str) -> None:
    page = text_of("privacy", language)
    for name in retention.Lives.__struct_fields__:
        assert f"lives.{name} " in source("privacy", language)
    lasting = {"nl": ["12 uur", "14 dagen", "30 dagen"], "en": ["12 hours", "14 days", "30 days"]}
    assert all(words in page for words in lasting[language])


def test_the_words_of_the_pages_were_written_for_these_figures() -> None:
    """Some figures stand in them as words: every hour, the third round, one more day."""
    assert retention.EVERY == 3600
    assert trends.LEAST_ROUNDS == 3


@both_languages
def test_an_unsent_answer_lives_on_the_device_as_long_as_its_script_says(language: str) -> None:
    script = (FOLDER.parent.parent / "static" / "answer.js").read_text()
    assert "const DAY = 24 * 3600 * 1000;" in script
    assert {"nl": "Na 24 uur", "en": "After 24 hours"}[language] in text_of("privacy", language)


def test_the_proof_reaches_as_far_as_the_page_says() -> None:
    assert FIGURES["most_members"] == MOST_MEMBERS
    assert test_release.LARGEST == MOST_MEMBERS + MOST_RAISED


@both_languages
def test_the_recipe_has_ten_lines(language: str) -> None:
    recipe = source("privacy", language).split("```")[1].strip("\n")
    assert len(recipe.splitlines()) == 10


@both_languages
def test_every_figure_is_told_somewhere(language: str) -> None:
    everything = "".join(source(name, language) for name in PAGES)
    for figure in FIGURES:
        assert re.search(rf"{{{{ {figure}\b", everything), figure


# The database, live


@both_languages
async def test_every_table_of_the_database_is_explained(database: str, language: str) -> None:
    connection = await asyncpg.connect(database)
    tables = await connection.fetch(
        "select table_name from information_schema.tables where table_schema = 'public'"
    )
    await connection.close()
    named = re.findall(r"(?m)^\| (`.*?`) \|", source("database", language))
    explained = re.findall(r"\w+", " ".join(named))
    assert sorted(explained) == sorted(row["table_name"] for row in tables)


async def told(house: Running, language: str = "en") -> list[str]:
    async with house.visitor(language) as anybody:
        return HELD.findall((await anybody.get("/privacy/database")).text)


async def test_the_page_counts_open_rounds_and_none_after_closing(house: Running) -> None:
    teacher = await house.staff("ilse")
    assert await told(house) == ["0"]
    first = await house.open_round(teacher, await house.survey("2B"))
    assert await told(house) == ["1 round"]
    second = await house.open_round(teacher, await house.survey("Groep 6", "les-flits"))
    assert await told(house) == ["2 rounds"]
    assert await told(house, "nl") == ["2 rondes"]
    await house.close(teacher, first)
    await house.close(teacher, second)
    assert await told(house) == ["0"]


async def test_the_page_does_not_tell_whether_anybody_has_answered(house: Running) -> None:
    """Of an open round its own teacher alone sees how many took part (R8)."""
    teacher = await house.staff("ilse")
    round_id = await house.open_round(teacher, await house.survey("2B"))
    code = await house.code(teacher, round_id)
    async with house.visitor() as anybody:
        before = (await anybody.get("/privacy/database")).text
        for _ in range(3):
            await house.answer(code, GOOD)
            assert (await anybody.get("/privacy/database")).text == before


async def test_the_page_does_not_say_zero_while_answers_lie_sealed(house: Running) -> None:
    """Between its last moment and the keeper's work a round is neither open nor counted."""
    teacher = await house.staff("ilse")
    code = await house.code(teacher, await house.open_round(teacher, await house.survey("2B")))
    await house.answer(code, GOOD)
    house.clock.go(hours=2)
    assert await told(house) == []
    await house.service.keeper.work()
    assert await told(house) == ["0"]
