"""Unmistakable answers are given, and everything that is kept anywhere is searched for them.

Before closing nothing holds them in the clear; afterwards nothing but the words that were
released, where they were released. Logs never hold them, nor anything that leads to them.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
import httpx
import msgspec
import pytest
from msgspec import Struct
from nacl.exceptions import CryptoError
from nacl.public import PrivateKey, SealedBox

from service import embedded
from service.sealing import NONCE_BYTES
from service.storage.migrate import migrate
from surveys.answers import unpack
from surveys.instrument import Instrument, read
from tests.house import NONCE, Running, served, settle

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
STUDENTS = 10
TOPS, TIPS = 6, 3  # texts: five are told, three are too few to be

RANGES = "".join(
    f"""
[[items]]
id = "n{n}"
responses = "hundred"
text.nl = "Vraag {n}?"
"""
    for n in range(8)
)

INSTRUMENT: Instrument = read(
    f"""
key = "canaries"
version = 1
purpose = "lesson"
stages = ["secondary"]
languages = ["nl"]
name.nl = "Kanaries"
about.nl = "Getallen die nergens anders staan."

[responses.hundred]
kind = "range"
options = [
    {{ value = 0, text.nl = "niets" }},
    {",".join(f"{{ value = {n} }}" for n in range(1, 100))},
    {{ value = 100, text.nl = "alles" }},
]
positive = {list(range(60, 101))}
negative = {list(range(40))}

[responses.words]
kind = "text"
{RANGES}
[[items]]
id = "top"
responses = "words"
text.nl = "Wat ging goed?"

[[items]]
id = "tip"
responses = "words"
text.nl = "Wat kan beter?"
""",
    "canaries.toml",
)


class Canary(Struct, frozen=True):
    """One student's answers: eight numbers in a row that are nobody else's, and some words."""

    numbers: tuple[int, ...]
    top: str
    tip: str

    @property
    def form(self) -> dict[str, str]:
        chosen = {f"n{n}": str(value) for n, value in enumerate(self.numbers)}
        return {**chosen, "top": self.top, "tip": self.tip}

    @property
    def traces(self) -> set[bytes]:
        """The numbers as they would be found: packed, as JSON, as a form."""
        return {
            bytes(self.numbers),
            msgspec.json.encode(self.numbers)[1:-1],
            ", ".join(map(str, self.numbers)).encode(),
            "&".join(f"n{n}={value}" for n, value in enumerate(self.numbers)).encode(),
        }


CANARIES = [
    Canary(
        numbers=tuple(41 + (7 * student + 11 * n + n * n * student) % 59 for n in range(8)),
        top=f"goudvink{student:04}zangvogel" if student < TOPS else "",
        tip=f"zwartkop{student:04}moerasvogel" if student < TIPS else "",
    )
    for student in range(STUDENTS)
]
NUMBERS = set.union(*(canary.traces for canary in CANARIES))
TOLD = {canary.top.encode() for canary in CANARIES if canary.top}
NEVER_TOLD = {canary.tip.encode() for canary in CANARIES if canary.tip} | NUMBERS


class Scene(Struct, frozen=True):
    """A service on a database of its own, whose files may be searched."""

    house: Running
    place: Path
    look: asyncpg.Connection
    teacher: httpx.AsyncClient

    @property
    def keys(self) -> Path:
        (folder,) = self.house.settings.keys
        return folder

    @property
    def server_log(self) -> str:
        return (self.place / "postgresql/log").read_text()

    async def dump(self) -> bytes:
        """Every table as a backup would hold it."""
        tables = await self.look.fetch(
            "select relname from pg_class "
            "where relnamespace = 'public'::regnamespace and relkind = 'r'"
        )
        copies: list[bytes] = []

        async def keep(copy: bytes) -> None:
            copies.append(copy)

        for row in tables:
            await self.look.copy_from_table(row["relname"], output=keep)
        return b"".join(copies)

    async def found(self, needles: set[bytes]) -> set[str]:
        """Where any of the needles is: files of the cluster with its WAL and log, or a dump."""
        await self.look.execute("checkpoint")
        places = {
            str(path.relative_to(self.place))
            for path in (self.place / "postgresql").rglob("*")
            if path.is_file() and any(needle in path.read_bytes() for needle in needles)
        }
        dump = await self.dump()
        return places | ({"dump"} if any(needle in dump for needle in needles) else set())


@asynccontextmanager
async def scene_in(place: Path) -> AsyncIterator[Scene]:
    async with embedded.running(place, say=lambda _: None) as dsn:
        look = await asyncpg.connect(dsn)
        await migrate(look)
        async with served(dsn, place) as house:
            await settle(house)
            yield Scene(house, place, look, await house.staff("ilse"))
        await look.close()


@pytest.fixture
async def scene(place: Path) -> AsyncIterator[Scene]:
    async with scene_in(place) as scene:
        yield scene


async def opened(scene: Scene) -> tuple[str, str]:
    """The round and its code."""
    survey = await scene.house.survey("2B", INSTRUMENT)
    round_id = await scene.house.open_round(scene.teacher, survey)
    return round_id, await scene.house.code(scene.teacher, round_id)


@pytest.mark.adversary
async def test_an_answer_is_nowhere_in_the_clear_but_as_released_words(
    scene: Scene,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    table: dict[str, str],
) -> None:
    round_id, code = await opened(scene)
    for canary in CANARIES:
        assert (await scene.house.answer(code, canary.form)).status_code == 200
    assert await scene.look.fetchval("select count(*) from envelope") == STUDENTS

    before = await scene.found(TOLD | NEVER_TOLD)
    assert before == set()

    await scene.house.close(scene.teacher, round_id)
    comments = await scene.look.fetch("select text from comment")
    assert {row["text"].encode() for row in comments} == TOLD

    after = await scene.found(NEVER_TOLD)
    assert after == set()
    held = await scene.found(TOLD)
    assert "dump" in held
    assert all(place.startswith(("dump", "postgresql/data/")) for place in held)
    said = caplog.text + scene.server_log + "".join(capfd.readouterr())
    logged = [needle for needle in TOLD | NEVER_TOLD if needle.decode("latin1") in said]
    assert logged == []
    table["canary hits"] = str(len(before) + len(after) + len(logged))


async def test_after_closing_no_copy_of_an_envelope_can_be_opened(scene: Scene) -> None:
    round_id, code = await opened(scene)
    for canary in CANARIES:
        await scene.house.answer(code, canary.form)
    rows = await scene.look.fetch("select sealed from envelope")
    stolen = [row["sealed"] for row in rows]
    public_key = await scene.look.fetchval("select public_key from round")
    private_key = (scene.keys / f"{public_key.hex()}.key").read_bytes()
    assert {choices(stolen[0], private_key)} <= {canary.numbers for canary in CANARIES}
    assert await scene.found({private_key}) == set()  # not even while it is needed

    await scene.house.close(scene.teacher, round_id)
    await scene.look.execute("checkpoint")
    everywhere = [path.read_bytes() for path in scene.place.rglob("*") if path.is_file()]
    assert not any(private_key in content for content in everywhere)
    for path in scene.keys.iterdir():
        for sealed in stolen:
            with pytest.raises(CryptoError):
                choices(sealed, path.read_bytes())


def choices(sealed: bytes, private_key: bytes) -> tuple[int | None, ...]:
    body = SealedBox(PrivateKey(private_key)).decrypt(sealed)
    return unpack(INSTRUMENT, body[NONCE_BYTES:]).choices


async def test_no_trouble_writes_an_answer_down(
    scene: Scene, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """Whatever goes wrong, the page that says so and every log are without it."""
    round_id, code = await opened(scene)
    canary = CANARIES[0]
    for form, status in [
        ({**canary.form, "n0": "101"}, 422),
        ({**canary.form, "top": canary.top * 30}, 422),
        ({**canary.form, "top": canary.top * 30_000}, 413),
    ]:
        assert (await scene.house.answer(code, form)).status_code == status

    await scene.look.execute("alter table envelope add constraint no check (false) not valid")
    refused = await scene.house.answer(code, canary.form)
    assert refused.status_code == 500
    assert not any(words in refused.text for words in (canary.top, canary.tip, "constraint"))
    await scene.look.execute("alter table envelope drop constraint no")

    for each in CANARIES:
        assert (await scene.house.answer(code, each.form)).status_code == 200
    await scene.look.execute("alter table comment add constraint no check (false) not valid")
    await scene.house.close(scene.teacher, round_id)
    assert await scene.look.fetchval("select count(*) from envelope") == STUDENTS
    assert await scene.found(TOLD | NEVER_TOLD) == set()

    said = caplog.text + scene.server_log + "".join(capfd.readouterr())
    assert "CheckViolationError" in said  # its kind, and where
    assert [needle for needle in TOLD | NEVER_TOLD if needle.decode("latin1") in said] == []

    await scene.look.execute("alter table comment drop constraint no")
    await scene.house.service.keeper.work()
    assert await scene.look.fetchval("select count(*) from comment") == TOPS


async def test_no_log_holds_a_code_a_nonce_or_an_address_of_a_student(
    scene: Scene, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO)
    for client in "httpx", "httpcore":  # the test's own requests
        caplog.set_level(logging.WARNING, client)
    round_id, code = await opened(scene)
    screen = await scene.look.fetchval("select screen from round")
    token = scene.house.service.house.pepper.screen_token(
        await scene.look.fetchval("select round_id from round"), screen
    )
    async with scene.house.visitor() as student:
        nonce = NONCE.search((await student.get(f"/{code}")).text)
        assert nonce
        form = {**CANARIES[0].form, "nonce": nonce[1]}
        watching = asyncio.create_task(student.get(f"/screen/{token}/participation"))
        await asyncio.sleep(0.1)
        await scene.look.execute("alter table round rename to round_away")
        scene.house.clock.go(minutes=5)  # nothing is remembered for longer
        for address in f"/{code}", f"/{code}?language=en", f"/screen/{token}":
            assert (await student.get(address)).status_code == 500
        assert (await student.post(f"/{code}", data=form)).status_code == 500
        await student.post(f"/{code}", content=b"\xff=%", headers=FORM)
        await scene.look.execute("alter table round_away rename to round")
        for wrong in "ZZZZ9999", code[:7], f"{code}/x", "..%2f", "%ff":
            await student.get(f"/{wrong}")
        await scene.teacher.post(f"/rounds/{round_id}/closure")
        watching.cancel()
        await asyncio.gather(watching, return_exceptions=True)
    said = caplog.text + scene.server_log + "".join(capfd.readouterr())
    assert "a page failed" in said
    for secret in code, nonce[1], token, "ZZZZ9999", "language=", "Mozilla", "httpx":
        assert secret not in said


def test_the_canaries_are_unmistakable() -> None:
    assert len({canary.numbers for canary in CANARIES}) == STUDENTS
    assert len(NUMBERS) == 4 * STUDENTS
    assert all(len(set(canary.numbers)) > 3 for canary in CANARIES)
