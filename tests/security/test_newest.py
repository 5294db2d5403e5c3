"""No library that comes along is behind: each is the newest that the package index had two working
days ago. `pytest -m index` asks it, before each version; not in every run, since a checkout of
today would fail by nothing but the passing of time.
"""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from service.libraries import OURS, installed
from tests.newest import (
    Behind,
    NoAnswer,
    behind,
    client,
    on_the_index,
    reported,
    working_days_before,
)

HERE = {"litestar": "2.25.0", "msgspec": "0.22.0"}


@pytest.mark.index
def test_each_library_is_the_newest_of_two_working_days_ago(
    tmp_path: Path, table: dict[str, str]
) -> None:
    here = {name: each.version for name, each in installed().items() if name != OURS}
    day = working_days_before(datetime.now(UTC).date(), 2)
    found = behind(here, on_the_index(client(tmp_path / "client"), here, day))
    assert len(here) > 40
    assert [str(each) for each in found] == []
    table[f"libraries as new as the index of {day}"] = f"{len(here)} of {len(here)}"


@pytest.mark.index
def test_it_looks_at_the_day_that_it_is_asked_for(tmp_path: Path) -> None:
    pip = client(tmp_path / "client")
    then = on_the_index(pip, ["litestar"], date(2024, 1, 1))
    assert behind({"litestar": "2.4.4"}, then) == [Behind("litestar", "2.4.4", "2.4.5")]
    with pytest.raises(NoAnswer):
        on_the_index(pip, ["litestar"], date(1999, 1, 1))


def test_an_older_one_is_found_and_an_equal_or_a_newer_one_is_not() -> None:
    assert behind(HERE, HERE) == []
    assert behind(HERE, {"litestar": "2.9.1", "msgspec": "0.22"}) == []
    assert behind(HERE, {"litestar": "2.25.1", "msgspec": "0.22.0", "another": "1"}) == [
        Behind("litestar", "2.25.0", "2.25.1")
    ]
    assert behind(HERE, {"litestar": "3.0.0", "msgspec": "0.100.0"}) == [
        Behind("litestar", "2.25.0", "3.0.0"),
        Behind("msgspec", "0.22.0", "0.100.0"),
    ]


def test_of_whom_the_index_says_nothing_is_not_taken_to_be_well() -> None:
    for silent in {}, {"litestar": "2.25.0"}, reported({"install": []}):
        with pytest.raises(NoAnswer, match="msgspec"):
            behind(HERE, silent)


def test_a_report_names_each_in_one_spelling() -> None:
    report = {"version": "1", "install": [{"metadata": {"name": "Py_NaCl", "version": "1.6.2"}}]}
    assert reported(report) == {"py-nacl": "1.6.2"}


@pytest.mark.parametrize(
    ("day", "before"),
    [("2026-11-26", "2026-11-24"), ("2026-11-24", "2026-11-20"), ("2026-11-22", "2026-11-19")],
)
def test_a_weekend_is_no_time_to_mend(day: str, before: str) -> None:
    """A Thursday, a Tuesday and a Sunday."""
    assert working_days_before(date.fromisoformat(day), 2) == date.fromisoformat(before)
