"""Histories played side by side: one process for each core, each chunk in a database of its own."""

import os
import tempfile
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path

import asyncpg
import uvloop
from msgspec import Struct

from tests.adversary.judging import Finding, judge
from tests.conftest import of_database
from tests.house import in_process, served

EVERYBODY_TRIES = 7  # one in so many histories: every role, every page, at some moment


class Chunk(Struct, frozen=True):
    """Histories played one after the other in one service, over HTTP or straight."""

    seeds: range
    over_http: bool

    @property
    def name(self) -> str:
        door = "over_http" if self.over_http else "in_process"
        return f"{door}_{self.seeds.start}_{self.seeds.stop - 1}"


@contextmanager
def playing(
    cluster: str, template: str, chunks: Iterable[Chunk]
) -> Iterator[Mapping[Chunk, Future[Sequence[Finding]]]]:
    """What comes of each chunk, all of which have begun or wait for their turn."""
    with ProcessPoolExecutor(os.cpu_count(), mp_context=get_context("spawn")) as processes:
        try:
            yield {chunk: processes.submit(play, cluster, template, chunk) for chunk in chunks}
        finally:
            processes.shutdown(cancel_futures=True)


def play(cluster: str, template: str, chunk: Chunk) -> Sequence[Finding]:
    """In a process of its own, where warnings are errors too."""
    warnings.simplefilter("error")
    return uvloop.run(findings(cluster, template, chunk))


async def findings(cluster: str, template: str, chunk: Chunk) -> Sequence[Finding]:
    administrator = await asyncpg.connect(cluster)
    await administrator.execute(f"create database {chunk.name} template {template}")
    try:
        start = served if chunk.over_http else in_process
        with tempfile.TemporaryDirectory(prefix="stemlokaal-test-") as place:
            async with start(of_database(cluster, chunk.name), Path(place)) as running:
                return [
                    await judge(running, seed, sweeps=seed % EVERYBODY_TRIES == 0)
                    for seed in chunk.seeds
                ]
    finally:
        await administrator.execute(f"drop database {chunk.name} with (force)")
        await administrator.close()
