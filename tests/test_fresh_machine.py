"""From nothing to a school that is served, by the page for whoever runs it and nothing else.

Only where the page speaks of systemd, of a user of its own and of TLS, this does what they would
do: it starts what the unit starts, with the settings of its file. The time stands in the table.
"""

import asyncio
import os
import re
import shutil
import signal
import time
from pathlib import Path

import httpx
import pytest

from tests.house import NONCE, PASSWORD
from tests.pages.living import GOOD, text_of
from tests.pages.test_invitations import link_in
from tests.test_commands import Command, answering
from tests.test_help_commands import (
    OPERATOR,
    ROOT,
    Machine,
    fences,
    first_administrator,
    settings_of,
)

INSTALLED_WITHIN = 600.0  # seconds; what a slow line takes to fetch everything
STARTED_WITHIN = 60.0
LEFT_OUT = shutil.ignore_patterns(".git", ".venv", "__pycache__", ".*_cache", "*.egg-info", "build")
NOT_HERE = ("useradd", "systemctl")  # the test makes no user, and starts the unit's line itself

pytestmark = pytest.mark.long


class Fresh(Machine):
    """A machine with nothing on it; /opt, /srv, /etc and /usr/local lie in a folder."""

    def here(self, text: str) -> str:
        moved = re.sub(r"(?<![\w.])/(opt|usr/local/bin)\b", rf"{self.rooms}/\1", text)
        return super().here(moved)

    async def install(self) -> None:
        """The first fence of the page's part about it."""
        part = OPERATOR[OPERATOR.index("## Install") :]
        for line in fences(part, "sh")[0].strip().splitlines():
            if not line.startswith(NOT_HERE):
                command = await self.start(line)
                assert await command.ends(INSTALLED_WITHIN) == 0, command.said

    async def serve(self) -> Command:
        """What the unit starts, with the settings of its file."""
        (self.rooms / "stemlokaal.env").write_text(settings_of(self))
        (unit,) = (body for body in fences(OPERATOR, "ini") if body.startswith("[Unit]"))
        started = re.search(r"(?m)^ExecStart=(.*)$", unit)
        assert started
        return await self.start(f"set -a && . /etc/stemlokaal.env && exec {started[1]}")


@pytest.fixture
def machine(place: Path) -> Fresh:
    shutil.copytree(ROOT, place / "here", ignore=LEFT_OUT)
    for folder in ("opt", "usr/local/bin", "srv/stemlokaal"):
        (place / folder).mkdir(parents=True)
    clean = {"PATH": f"{place / 'usr/local/bin'}:{outside_of_ours()}", "PYTHONPATH": ""}
    return Fresh(place, **clean)


def outside_of_ours() -> str:
    """Where a program is looked for, without the environment that the tests run in."""
    ours = os.environ.get("VIRTUAL_ENV", "nowhere")
    parts = os.environ["PATH"].split(":")
    return ":".join(part for part in parts if not part.startswith(ours))


async def invited_teacher(administrator: httpx.AsyncClient, teacher: httpx.AsyncClient) -> None:
    ilse = {"name": "Ilse", "email": "ilse@example.org", "role": "teacher"}
    link = link_in(await administrator.post("/school/invitations", data=ilse))
    assert (await teacher.post(link, data={"password": PASSWORD})).status_code == 303


async def asked(teacher: httpx.AsyncClient) -> str:
    """A class, and its open round."""
    class_ = {
        "name": "2B",
        "members": "24",
        "kind": "class",
        "stage": "secondary",
        "school_year": "2026",
        "year_group": "2",
    }
    made = await teacher.post("/classes/new", data=class_)
    form = {"instrument": "lesfeedback", "members": "24", "open_for": "hour"}
    opened = await teacher.post(made.headers["location"], data=form)
    assert opened.status_code == 303, text_of(opened.text)
    return str(opened.headers["location"])


async def answer(url: str, code: str) -> None:
    async with httpx.AsyncClient(base_url=url) as student:
        nonce = NONCE.search((await student.get(f"/{code}")).text)
        assert nonce
        sent = await student.post(f"/{code}", data={**GOOD, "nonce": nonce[1]})
        assert sent.status_code == 200


async def test_from_nothing_to_a_school_that_is_served(
    machine: Fresh, table: dict[str, str]
) -> None:
    began = time.monotonic()
    await machine.install()
    installed = time.monotonic()
    serving = await machine.serve()
    url = machine.place.url
    try:
        token = (await serving.says("First run", STARTED_WITHIN)).rsplit(" ", 1)[1]
        await answering(url)
        ready = time.monotonic()
        async with (
            httpx.AsyncClient(base_url=url, headers={"Accept-Language": "en"}) as administrator,
            httpx.AsyncClient(base_url=url, headers={"Accept-Language": "en"}) as teacher,
        ):
            await first_administrator(administrator, token)
            await invited_teacher(administrator, teacher)
            round_page = await asked(teacher)
            code = re.search(
                rf"{re.escape(url)}/([0-9A-Z]{{8}})\b", (await teacher.get(round_page)).text
            )
            assert code
            await answer(url, code[1])
            first_answer = time.monotonic()
            for _ in range(8):
                await answer(url, code[1])
            await teacher.post(f"{round_page}/closure")
            told = await result(teacher, round_page)
        assert "9 of 24 took part" in told
        doctor = await machine.run("set -a && . /etc/stemlokaal.env && set +a && stemlokaal doctor")
        assert "Nothing is broken." in doctor
    finally:
        os.killpg(serving.process.pid, signal.SIGINT)
        await serving.ends(30)
    table["a fresh machine: installed, listening"] = (
        f"{installed - began:.0f} s, {ready - installed:.1f} s later"
    )
    table["a fresh machine: until the first answer"] = f"{first_answer - began:.0f} s in all"


async def result(teacher: httpx.AsyncClient, round_page: str) -> str:
    survey = re.search(r"/surveys/[0-9a-f-]{36}", (await teacher.get(f"{round_page}/thanks")).text)
    assert survey
    async with asyncio.timeout(10):
        while "took part" not in (page := text_of((await teacher.get(survey[0])).text)):
            await asyncio.sleep(0.1)
    return page
