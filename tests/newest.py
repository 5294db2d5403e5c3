"""Which versions of libraries the package index had on a day, as its own client says.

Who has of each library the newest version of two working days ago has every mend that was there by
then, so that none of the times that are promised is broken, and no list of holes is needed.
"""

import json
import subprocess
import venv
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from msgspec import Struct
from packaging.version import Version

from service.libraries import normal

SATURDAY = 5
WAIT = 600  # seconds


class Behind(Struct, frozen=True, order=True):
    """A library of which there was a newer version."""

    name: str
    here: str
    newest: str

    def __str__(self) -> str:
        return f"{self.name} {self.here}: {self.newest} is there"


class NoAnswer(Exception):
    """The index did not say of each library which versions there are."""


def behind(here: Mapping[str, str], newest: Mapping[str, str]) -> list[Behind]:
    """Raises NoAnswer where the index knows nothing of one that is here."""
    if unknown := sorted(here.keys() - newest.keys()):
        raise NoAnswer(f"nothing is said of {', '.join(unknown)}")
    return sorted(
        Behind(name, version, newest[name])
        for name, version in here.items()
        if Version(version) < Version(newest[name])
    )


def working_days_before(day: date, number: int) -> date:
    while number:
        day -= timedelta(days=1)
        number -= day.weekday() < SATURDAY
    return day


def client(folder: Path) -> Path:
    """A pip that can be asked for a day; the one that comes with Python may be older."""
    venv.create(folder, with_pip=True)
    program = folder / "bin/pip"
    subprocess.run(
        [program, "install", "--quiet", "--upgrade", "pip>=26"], check=True, timeout=WAIT
    )
    return program


def on_the_index(pip: Path, names: Iterable[str], before: date) -> dict[str, str]:
    """The newest version of each, by name. No bounds count, neither ours nor those of another
    library: a mend may be in a version that they keep out. Raises NoAnswer.
    """
    words = ["install", "--dry-run", "--ignore-installed", "--no-deps", "--quiet", "--report", "-"]
    asked = [str(pip), *words, "--uploaded-prior-to", before.isoformat(), *names]
    done = subprocess.run(asked, capture_output=True, text=True, timeout=WAIT, check=False)
    if done.returncode:
        raise NoAnswer(done.stderr.strip().rpartition("\n")[2])
    return reported(json.loads(done.stdout))


def reported(report: Mapping[str, Any]) -> dict[str, str]:
    """What pip would install (its installation report, version 1)."""
    found = [each["metadata"] for each in report["install"]]
    return {normal(each["name"]): each["version"] for each in found}
