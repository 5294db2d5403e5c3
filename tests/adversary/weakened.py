"""Seven weakened builds, each of which leaks. The adversary has to break every one of them.

Each is switched on inside a test, by patching the running service or by adding a page to it; there
is no switch in the product. The adversary knows the source of what it attacks, so a page that is
added comes with its reader, and `told_as` follows the patched coding.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import UUID

import pytest
from asyncpg import Connection
from litestar import MediaType, get
from litestar.di import NamedDependency as Named

from service import keeper as keeping
from service.storage import closing, releases, rounds, tenancy
from service.storage.closing import Due
from service.storage.releases import Told
from surveys import release
from surveys.access import Viewer
from surveys.answers import Answers
from surveys.instrument import Instrument, library
from surveys.release import Interval, Release, Rule
from surveys.rounds import State
from tests.adversary.constraints import Known, counted, mean_of, question
from tests.adversary.markup import Node
from tests.adversary.pages import READERS, Reader
from tests.adversary.playing import Played
from tests.adversary.seen import RoundSeen
from tests.house import Running

Patch = pytest.MonkeyPatch
Weaken = Callable[[Patch, Running], None]


def live_results(patch: Patch, running: Running) -> None:
    """The class page shows what there is so far: two looks differ by one student."""
    show_while_open(patch, running, keep={}, once=False)


def interim_snapshot(patch: Patch, running: Running) -> None:
    """One result half-way, one at the end: they differ by those who came late."""
    show_while_open(patch, running, keep={}, once=True)


def five_is_enough(patch: Patch, running: Running) -> None:
    """The rule of many tools: nothing below five answers, everything from there on."""
    exact_counts(patch, running)
    released = release.release
    patch.setattr(
        release, "release", lambda asked, answers, _: released(asked, answers, Rule(k=5, d=0))
    )
    enough = property(lambda round: round.closed_on and len(round.arrivals) >= 5)
    patch.setattr(RoundSeen, "shows_result", enough)


def exact_counts(patch: Patch, running: Running) -> None:
    """Counts as they are, near the ends too: unanimity tells what each of them said."""
    patch.setattr(release, "coded", lambda count, n, d: Interval(count, count))


def hidden_if_unanimous(patch: Patch, running: Running) -> None:
    """Unanimity is not told, and so disclosed: who reads "0 to n" knows why."""

    def coded(count: int, n: int, d: int) -> Interval:
        return Interval(0, n) if count in (0, n) else Interval(count, count)

    patch.setattr(release, "coded", coded)


def full_school_total(patch: Patch, running: Running) -> None:
    """All answers of a school as one exact count: what is left of it after the releases are
    taken off are the classes of which nothing was to be told."""
    totals: dict[UUID, Counter[str]] = defaultdict(Counter)

    def remember(
        school_id: UUID, round_id: UUID, asked: Instrument, all: Sequence[Answers]
    ) -> None:
        for index, item in enumerate(asked.closed):
            if asked.key in library() and item in library()[asked.key].closed:
                chosen = [answers.choices[index] for answers in all]
                positive = sum(choice in asked.positive(item) for choice in chosen)
                totals[school_id][f"{asked.key} {item.id}"] += positive

    @get("/weakened/total", media_type=MediaType.HTML)
    async def total(viewer: Named[Viewer]) -> str:
        lines = [f"<p>{item}: {count}</p>" for item, count in totals[viewer.school_id].items()]
        return f"<main>{''.join(lines)}</main>"

    def read_total(found: Node, played: Played, round: RoundSeen) -> Iterator[Known]:
        for line in found.all("p"):
            ((key, item_id, count),) = re.findall(r"(\S+) (\S+): (\d+)$", line.text)
            (item,) = (item for item in library()[key].closed if item.id == item_id)
            seats = [
                seat
                for one in played.rounds
                if one.survey.instrument.key == key and one.closed_on
                for seat in one.arrivals
            ]
            of = question(library()[key], item)
            yield counted(seats, item_id, of.positive, [int(count)])
            line.clear()

    after_counting(patch, remember)
    add_page(patch, running, total, read_total)


def raw_mean(patch: Patch, running: Running) -> None:
    """Beside what is told stands a mean to one decimal: "4.0 of 4" was unanimous."""
    means: dict[UUID, dict[str, float]] = defaultdict(dict)

    def remember(
        school_id: UUID, round_id: UUID, asked: Instrument, all: Sequence[Answers]
    ) -> None:
        for index, item in enumerate(asked.closed):
            chosen = [choice for one in all if (choice := one.choices[index]) is not None]
            if chosen and len(all) >= release.WELLBEING.k:
                means[school_id][f"{round_id} {item.id}"] = sum(chosen) / len(chosen)

    @get("/weakened/means", media_type=MediaType.HTML)
    async def mean(viewer: Named[Viewer]) -> str:
        lines = [f"<p>{item}: {mean:.1f}</p>" for item, mean in means[viewer.school_id].items()]
        return f"<main>{''.join(lines)}</main>"

    def read_means(found: Node, played: Played, round: RoundSeen) -> Iterator[Known]:
        for line in found.all("p"):
            ((round_id, item_id, whole, tenth),) = re.findall(
                r"(\S+) (\S+): (\d+)\.(\d)$", line.text
            )
            (of,) = (one for one in played.rounds if one.id == round_id)
            (item,) = (item for item in of.instrument.closed if item.id == item_id)
            yield from mean_of(
                of.arrivals, question(of.instrument, item), 10 * int(whole) + int(tenth)
            )
            line.clear()

    after_counting(patch, remember)
    add_page(patch, running, mean, read_means)


WEAKENED: dict[str, Weaken] = {
    "live results": live_results,
    "n ≥ 5 only": five_is_enough,
    "exact counts": exact_counts,
    "hidden if unanimous": hidden_if_unanimous,
    "full school total": full_school_total,
    "interim snapshot": interim_snapshot,
    "raw mean": raw_mean,
}


def show_while_open(patch: Patch, running: Running, keep: dict[UUID, Told], *, once: bool) -> None:
    """Results of open rounds, too, once there are enough answers for one."""
    at_closing = releases.of_survey

    async def of_survey(
        connection: Connection, school_id: UUID, survey_id: UUID
    ) -> dict[UUID, Told]:
        told = await at_closing(connection, school_id, survey_id)
        for round in await rounds.of_survey(connection, school_id, survey_id):
            if round.state is not State.OPEN:
                continue
            if round.round_id not in keep or not once:
                now = await so_far(running.service.keeper, Due(school_id, round.round_id))
                if not isinstance(now, Release):
                    continue
                keep[round.round_id] = now
            told[round.round_id] = keep[round.round_id]
        return told

    patch.setattr(releases, "of_survey", of_survey)
    enough = property(lambda round: len(round.arrivals) >= round.rule.k)
    patch.setattr(RoundSeen, "shows_result", enough)


async def so_far(keeper: keeping.Keeper, due: Due) -> Told:
    """What would be told if the round closed now."""
    async with tenancy.school(keeper.pool, due.school_id) as connection:
        found = await closing.lock(connection, due)
        assert found
        assert found.public_key
        sealed = await closing.envelopes(connection, due)
        answers = keeper.opened(
            due.round_id, found.public_key, found.key_mac, found.instrument, sealed
        )
        return release.release(found.instrument, answers, found.rule)


def after_counting(
    patch: Patch, remember: Callable[[UUID, UUID, Instrument, Sequence[Answers]], None]
) -> None:
    """Calls `remember` with the answers of each round, when it closes."""
    released, stored = release.release, closing.store
    counted_now: list[tuple[Instrument, Sequence[Answers]]] = []

    def counting(asked: Instrument, answers: Sequence[Answers], rule: Rule) -> Told:
        counted_now[:] = [(asked, answers)]
        return released(asked, answers, rule)

    async def storing(connection: Connection, due: Due, *told: Any, **more: Any) -> None:
        remember(due.school_id, due.round_id, *counted_now[0])
        await stored(connection, due, *told, **more)

    patch.setattr(release, "release", counting)
    patch.setattr(closing, "store", storing)


def add_page(patch: Patch, running: Running, page: Any, reader: Reader) -> None:
    running.app.register(page)
    (path,) = page.paths
    patch.setitem(READERS, path, reader)
