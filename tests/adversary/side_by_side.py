"""Histories played side by side: one process for each core, each chunk in a database of its own."""

import os
import tempfile
import warnings
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import asyncpg
import uvloop

from tests.adversary.judging import Finding, judge
from tests.conftest import of_database
from tests.house import Running, in_process

EVERYBODY_TRIES = 8  # one in so many histories: every role, every page, at some moment


@contextmanager
def playing(
    cluster: str, template: str, chunks: Iterable[range]
) -> Iterator[dict[range, Future[Sequence[Finding]]]]:
    """What comes of each chunk, all of which have begun or wait for their turn."""
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as processes:
        try:
            yield {seeds: processes.submit(play, cluster, template, seeds) for seeds in chunks}
        finally:
            processes.shutdown(cancel_futures=True)


def play(cluster: str, template: str, seeds: range) -> Sequence[Finding]:
    """In a process of its own, where warnings are errors too."""
    warnings.simplefilter("error")
    return uvloop.run(play_in_process(cluster, template, seeds))


async def play_in_process(cluster: str, template: str, seeds: range) -> Sequence[Finding]:
    name = f"adversary_{seeds.start}"
    administrator = await asyncpg.connect(cluster)
    await administrator.execute(f"create database {name} template {template}")
    try:
        with tempfile.TemporaryDirectory(prefix="stemlokaal-test-") as place:
            async with in_process(of_database(cluster, name), Path(place)) as running:
                return await findings(running, seeds)
    finally:
        await administrator.execute(f"drop database {name} with (force)")
        await administrator.close()


async def findings(running: Running, seeds: range) -> Sequence[Finding]:
    return [await judge(running, seed, sweeps=seed % EVERYBODY_TRIES == 0) for seed in seeds]
