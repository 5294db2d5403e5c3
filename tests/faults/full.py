"""Disks that are full: a small one of its own, or a limit on files where none may be made.

Only root may mount one. Everybody may limit how large the files of PostgreSQL become, which it
meets in the same places: a table or its log cannot grow. The limit ends with the server.
"""

import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psutil

SMALL = 160  # MB
RESERVE = 4096  # bytes at a time, until nothing fits any more

Filled = tuple[Callable[[], None], Callable[[], None]]
"""What fills the disk, and what makes room again."""


@contextmanager
def small_disk(place: Path) -> Iterator[Filled]:
    """`place` becomes a disk of its own."""
    options = f"size={SMALL}m,mode=0711"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], check=True)
    ballast = place / "ballast"

    def fill() -> None:
        with ballast.open("wb", buffering=0) as file:
            for size in (1024 * 1024, RESERVE):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError:
                    continue

    try:
        yield fill, ballast.unlink
    finally:
        subprocess.run(["umount", "--lazy", place], check=True)


@contextmanager
def limited_files(place: Path) -> Iterator[Filled]:
    """No file of the server may grow, its log included: it panics, and is started again without."""

    def limit() -> None:
        file = place / "postgresql/data/postmaster.pid"
        server = psutil.Process(int(file.read_text().partition("\n")[0]))
        for process in (server, *server.children()):
            # By the server's own user: in a container even root may not do it to another's.
            asked = ["prlimit", f"--pid={process.pid}", "--fsize=1:"]
            subprocess.run(asked, check=True, **as_whom(process))

    yield limit, lambda: None


def as_whom(process: psutil.Process) -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    return {"user": process.uids().real, "group": process.gids().real, "extra_groups": []}


def may_mount(place: Path) -> bool:
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "tmpfs", place], capture_output=True, check=False
    )
    if mounted.returncode == 0:
        subprocess.run(["umount", place], check=True)
    return mounted.returncode == 0
