"""What tests may ask for.

`database` is the address of a fresh, migrated database, gone after the test; `cluster` that of
the server's superuser, the same for the whole run. `page` is a page of Chromium as large as a
student's phone, `wide_page` one as large as a teacher's screen; both are Playwright's, to be
awaited: `await page.goto(address)`. All fixtures and tests share one event loop.
"""

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
from playwright.async_api import Browser, Page, async_playwright

from service import embedded
from service.storage.migrate import migrate

pytest_plugins = [
    "tests.house",
    "tests.mailbox",
    "tests.ballots",
    "tests.kept",
    "tests.killing",
    "tests.providers",
    "tests.table",
    "tests.tenants",
]

CHROMIUM_FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
numbers = count(1)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--without-browser", action="store_true", help="leave out the tests that need Chromium"
    )


def pytest_configure() -> None:
    """What a shell starts in the background ignores Ctrl-C, and so would all that tests start."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Left out are the browser where there is none, and what takes minutes, or looks at what others
    brought out since, unless asked for."""
    asked = config.getoption("markexpr")
    marks = [mark for mark in ("long", "index") if mark not in asked]
    if config.getoption("--without-browser"):
        marks.append("browser")
    left_out = [item for item in items if any(map(item.get_closest_marker, marks))]
    items[:] = [item for item in items if item not in left_out]
    config.hook.pytest_deselected(items=left_out)


@pytest.fixture
def place() -> Iterator[Path]:
    """An empty directory that any user may pass through, unlike pytest's own `tmp_path`."""
    with tempfile.TemporaryDirectory(prefix="stemlokaal-test-") as path:
        Path(path).chmod(0o711)
        yield Path(path)


@pytest.fixture(scope="session")
async def cluster() -> AsyncIterator[str]:
    with tempfile.TemporaryDirectory(prefix="stemlokaal-test-") as path:
        Path(path).chmod(0o711)
        async with embedded.running(Path(path)) as address:
            yield address


@pytest.fixture(scope="session")
async def administrator(cluster: str) -> AsyncIterator[asyncpg.Connection]:
    connection = await asyncpg.connect(cluster)
    yield connection
    await connection.close()


@pytest.fixture(scope="session")
async def template(cluster: str, administrator: asyncpg.Connection) -> str:
    await administrator.execute("create database template_of_tests")
    connection = await asyncpg.connect(of_database(cluster, "template_of_tests"))
    await migrate(connection)
    await connection.close()
    return "template_of_tests"


@pytest.fixture
async def database(
    cluster: str, administrator: asyncpg.Connection, template: str
) -> AsyncIterator[str]:
    async with new_database(cluster, administrator, template) as address:
        yield address


@asynccontextmanager
async def new_database(
    cluster: str, administrator: asyncpg.Connection, template: str
) -> AsyncIterator[str]:
    name = f"test_{next(numbers)}"
    await administrator.execute(f"create database {name} template {template}")
    yield of_database(cluster, name)
    await administrator.execute(f"drop database {name} with (force)")


def of_database(cluster: str, name: str) -> str:
    return urlsplit(cluster)._replace(path=f"/{name}").geturl()


@pytest.fixture(scope="session")
async def chromium() -> AsyncIterator[Browser]:
    program = find_chromium() or install_chromium()
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=CHROMIUM_FLAGS)
        yield browser
        await browser.close()


def find_chromium() -> str | None:
    names = "chromium", "chromium-browser", "google-chrome"
    return next((path for name in names if (path := shutil.which(name))), None)


def install_chromium() -> str:
    packages = ["chromium", "fonts-noto-core", "fonts-noto-color-emoji"]
    install(packages)
    return find_chromium() or pytest.fail(
        f"Browser tests need Chromium: as root, apt-get install {' '.join(packages)}. "
        "Or leave them out with --without-browser.",
        pytrace=False,
    )


def install(packages: list[str]) -> None:
    """As root on Debian; elsewhere nothing, and whoever asked says what is missing."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        for words in ["update"], ["install", "--yes", "--no-install-recommends", *packages]:
            subprocess.run(
                ["apt-get", *words],
                env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
            )


@pytest.fixture(scope="session")
def openssl() -> str:
    """The program that makes the certificates of the containers."""
    if shutil.which("openssl") is None:
        install(["openssl"])
    return shutil.which("openssl") or pytest.fail(
        "docker/secrets.sh needs openssl: as root, apt-get install openssl.", pytrace=False
    )


@pytest.fixture
async def page(chromium: Browser) -> AsyncIterator[Page]:
    page = await chromium.new_page(viewport={"width": 360, "height": 740})
    yield page
    await page.close()


@pytest.fixture
async def wide_page(chromium: Browser) -> AsyncIterator[Page]:
    page = await chromium.new_page(viewport={"width": 1280, "height": 800})
    yield page
    await page.close()
