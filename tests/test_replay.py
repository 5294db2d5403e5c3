"""The main job on real answers: 66 classes answer over HTTP, and each release is right.

What each class should be told is counted here from the raw answers, by the rules as ANONYMITY.md
states them, and with nothing of the code that is tested.
"""

import asyncio
import csv
import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import msgspec
import pytest

from tests.house import NONCE, Running

DATA = Path(__file__).with_name("data")
K, D = 8, 2  # lesson feedback
AT_ONCE = 6  # classes; their students answer one after another

Answers = dict[str, list[int]]
Replayed = dict[str, str]  # the survey of each class
MARKS = ("positive", "perhaps", "rest", "perhaps-not", "negative", "absent")


def real_answers() -> Answers:
    found: Answers = defaultdict(list)
    with (DATA / "school_science_survey.csv").open() as file:
        for row in csv.DictReader(file):
            found[f"{row['school']}-{row['class']}"].append(int(row["like"]))
    return dict(found)


def told(likes: list[int]) -> dict[str, Any]:
    """What the rules allow to tell of a class."""
    n = len(likes)
    if n < K:
        return {"type": "too few", "n": n}
    positive = sum(6 <= like <= 8 for like in likes)
    negative = sum(1 <= like <= 3 for like in likes)
    item = {"item": "like", "positive": bounds(positive, n), "negative": bounds(negative, n)}
    return {"type": "release", "n": n, "d": D, "items": [item]}


def bounds(count: int, n: int) -> list[int]:
    if count <= D:
        return [0, D]
    return [n - D, n] if count >= n - D else [count, count]


async def replay(house: Running, classes: Answers) -> Replayed:
    """Each class is asked, answers and is closed over HTTP; several classes at a time."""
    teacher = await house.staff("ilse")
    turns = asyncio.Semaphore(AT_ONCE)

    async def in_turn(name: str, likes: list[int]) -> str:
        async with turns:
            return await one_class(house, teacher, name, likes)

    surveys = await asyncio.gather(*(in_turn(*each) for each in classes.items()))
    return dict(zip(classes, surveys, strict=True))


async def one_class(house: Running, teacher: httpx.AsyncClient, name: str, likes: list[int]) -> str:
    await house.add_class(name, members=len(likes))
    survey = await house.survey(name, DATA / "liking_science.toml")
    round_id = await house.open_round(teacher, survey)
    code = await house.code(teacher, round_id)
    async with house.visitor() as phone:
        for like in likes:
            phone.cookies.clear()  # each student has a phone of their own
            page = await phone.get(f"/{code}")
            nonce = NONCE.search(page.text)
            assert nonce, page.text
            sent = await phone.post(f"/{code}", data={"like": str(like), "nonce": nonce[1]})
            assert sent.status_code == 200, sent.text
    await house.close(teacher, round_id)
    return str(survey.survey_id)


@pytest.fixture
async def database_of(house: Running):
    connection = await asyncpg.connect(house.dsn)
    yield connection
    await connection.close()


async def test_every_class_of_the_survey_is_told_what_the_rules_allow(
    house: Running, database_of: asyncpg.Connection
) -> None:
    classes = real_answers()
    assert (len(classes), sum(map(len, classes.values()))) == (66, 1385)
    surveys = await replay(house, classes)

    releases = {
        row["name"]: msgspec.json.decode(row["told"])
        for row in await database_of.fetch(
            """
            select g.name, told
            from release
            join round using (school_id, round_id)
            join survey using (school_id, survey_id)
            join grp g using (school_id, group_id)
            """
        )
    }
    assert releases == {name: told(likes) for name, likes in classes.items()}
    too_few = [name for name, release in releases.items() if release["type"] == "too few"]
    assert len(too_few) == sum(len(likes) < K for likes in classes.values()) == 3

    await nothing_is_left_of_the_answers(house, database_of)
    await class_pages_tell_the_same(house, classes, surveys)


async def nothing_is_left_of_the_answers(house: Running, database_of: asyncpg.Connection) -> None:
    assert await database_of.fetchval("select count(*) from envelope") == 0
    assert await database_of.fetchval("select count(*) from comment") == 0
    assert await database_of.fetchval("select count(*) from round where public_key notnull") == 0
    in_stock = await database_of.fetch("select public_key from key_stock")
    (folder,) = house.settings.keys
    unused = {f"{row['public_key'].hex()}.key" for row in in_stock}
    assert {path.name for path in folder.glob("*.key")} == unused


async def class_pages_tell_the_same(house: Running, classes: Answers, surveys: Replayed) -> None:
    teacher = await house.staff("ilse", "en")
    for name, likes in classes.items():
        page = (await teacher.get(f"/surveys/{surveys[name]}")).text
        expected = told(likes)
        if expected["type"] == "too few":
            assert 'class="boxes"' not in page
            assert f"{expected['n']} answers" in page
        else:
            assert boxes(page) == parts(expected)
            assert numbers(page) == stated(expected)


def boxes(page: str) -> list[int]:
    """The places of a class, as the first row of boxes on its page draws them."""
    row = re.search(r'<div class="boxes".*?>(.*?)</div>', page, re.DOTALL)
    assert row, page
    return [row[1].count(f'class="{mark}"') for mark in MARKS]


def parts(release: dict[str, Any]) -> list[int]:
    """Certain answers at both ends; what is left open beside them; every place is filled."""
    n, (item,) = release["n"], release["items"]
    (low, high), (least, most) = item["positive"], item["negative"]
    between = n - low - least
    if low >= least:
        perhaps = min(high - low, between)
        perhaps_not = min(most - least, between - perhaps)
    else:
        perhaps_not = min(most - least, between)
        perhaps = min(high - low, between - perhaps_not)
    return [low, perhaps, between - perhaps - perhaps_not, perhaps_not, least, 0]


def numbers(page: str) -> list[int]:
    """The numbers of the first sentence that states a result."""
    sentence = re.search(r'<span class="interval">(.*?)</span>', page)
    assert sentence, page
    return [int(number) for number in re.findall(r"\d+", sentence[1])]


def stated(release: dict[str, Any]) -> list[int]:
    """ "9 of 20", "18 or more of 20", "2 or fewer of 20"."""
    n, (item,) = release["n"], release["items"]
    low, high = item["positive"]
    return [high if low == 0 else low, n]
