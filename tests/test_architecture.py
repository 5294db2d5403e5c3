"""Imports point one way, as the tree promises:
`__main__ → app → pages, ingest, keeper → storage, sealing, charts, qr → surveys`."""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# A part is a module or folder of `service`, or `surveys`. Who imports it, and nobody else:
IMPORTED_BY = {
    "__main__": set(),
    "app": {"__main__", "operating"},
    "operating": {"__main__"},
    "demo": {"__main__", "app"},
    "demo_school": {"demo"},
    "demo_past": {"demo", "demo_school"},
    "demo_classes": {"demo_past", "demo_school", "demo_waves"},
    "demo_waves": {"demo_past", "demo_school"},
    "shell": {"app"},
    "pages": {"app", "shell"},
    "keeper": {"__main__", "app"},
    "keys": {"keeper"},
    "embedded": {"__main__", "app", "doctor", "doctor_database", "starting"},
    "child": {"embedded"},
    "peers": {"embedded"},
    # The pages get it as a value.
    "settings": {
        "__main__",
        "app",
        "doctor",
        "doctor_certificates",
        "doctor_files",
        "doctor_network",
        "house",
        "operating",
        "pepper_file",
        "starting",
    },
    "starting": {"__main__", "doctor", "operating"},
    "doctor": {"__main__"},
    "doctor_database": {"doctor"},
    "doctor_certificates": {"doctor"},
    "doctor_files": {"doctor", "doctor_certificates"},
    "doctor_network": {"doctor"},
}
# What it imports of our own code, and nothing else:
IMPORTS = {
    "keeper": {"keys", "logs", "sealing", "storage", "surveys"},
    "ingest": {"logs", "sealing", "storage", "surveys"},
    "storage": {"surveys"},
    "sealing": {"surveys"},
    "charts": {"plotly", "sparks", "surveys"},
    "sparks": {"surveys"},
    "courses": {"charts", "surveys"},
    "wellbeing_charts": {"charts", "courses", "plotly", "sparks"},
    "wording": {"surveys"},
    "qr": set(),
    "keys": {"disk"},
    "disk": set(),
    "settings": {"wires"},
    "wires": set(),
    "embedded": {"child", "peers"},
    "child": set(),
    "peers": set(),
    "surveys": set(),
}
MAY_IMPORT_ANYTHING = {"demo", "demo_past", "demo_school"}
SHARED_BY_ITS_FOLDER = {"service.storage.tenancy"}

# The core calculates: it has no clock, no chance, no disk to write on and nobody to talk to.
IMPURE = {"asyncio", "http", "logging", "os", "secrets", "shutil", "socket", "sqlite3"}
IMPURE |= {"subprocess", "tempfile", "threading", "time", "urllib"}
ASKS_THE_CLOCK = {"now", "today", "utcnow"}
MAKES_CHANCE = {"Random", "SystemRandom", "uuid1", "uuid4"}


def test_the_tree_keeps_the_rules():
    modules = {
        ".".join(path.relative_to(ROOT).with_suffix("").parts): path.read_text()
        for folder in ("service", "surveys")
        for path in sorted((ROOT / folder).rglob("*.py"))
    }
    assert len(modules) > 10
    assert "\n".join(violations(modules)) == ""


@pytest.mark.parametrize(
    ("module", "source", "complaint"),
    [
        ("service.pages.rounds", "import service.app", "app"),
        ("service.pages.rounds", "from service import settings", "settings"),
        ("service.pages.rounds", "from service.embedded import running", "embedded"),
        ("service.pages.rounds", "from service.keys import KeyDirectory", "keys"),
        ("service.pages.rounds", "from service import keeper as k", "keeper"),
        ("service.pages.rounds", "from service.pages import answer", "pages.answer"),
        ("service.pages.rounds", "from .answer import form", "pages.answer"),
        ("service.pages.rounds", "from . import answer", "pages.answer"),
        ("service.pages.rounds", "def late():\n    import service.pages.answer", "pages.answer"),
        ("service.app", "from service.keys import KeyDirectory", "keys"),
        ("service.app", "import service.__main__", "__main__"),
        ("service.opening", "from service.pages import rounds", "pages.rounds"),
        ("service.opening", "from service import demo", "demo"),
        ("service.storage.rounds", "from service.storage import groups", "storage.groups"),
        ("service.storage.rounds", "from service.storage.groups import get", "storage.groups"),
        ("service.storage.rounds", "from ..sealing import seal", "sealing"),
        ("service.storage.rounds", "from service.rendering import page", "rendering"),
        ("service.ingest", "from service.keys import KeyDirectory", "keys"),
        ("service.keeper", "from service.house import House", "house"),
        ("service.charts", "from service.storage import releases", "storage.releases"),
        ("surveys.trends", "from service.storage import releases", "storage.releases"),
        ("surveys.trends", "import asyncpg", "asyncpg"),
        ("surveys.trends", "from time import time", "time"),
        ("surveys.trends", "from datetime import date\ndate.today()", "clock"),
        ("surveys.trends", "import datetime as d\nd.datetime.now(d.UTC)", "clock"),
        ("surveys.trends", "import random\nrandom.shuffle([])", "chance"),
        ("surveys.trends", "import random as r\nr.random()", "chance"),
        ("surveys.trends", "from random import shuffle", "chance"),
        ("surveys.trends", "from random import Random\nRandom()", "chance"),
        ("surveys.trends", "import uuid\nuuid.uuid4()", "chance"),
    ],
)
def test_what_breaks_a_rule_is_seen(module, source, complaint):
    (found,) = violations({module: source})
    assert module in found
    assert complaint in found


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("service.__main__", "from service import app, demo, embedded, keeper, settings"),
        ("service.app", "from service.pages import answer, rounds"),
        ("service.demo", "from service import app, keys, pages, settings"),
        ("service.keeper", "from service.keys import KeyDirectory"),
        ("service.pages.rounds", "from service import languages, rendering\nimport surveys.rounds"),
        ("service.storage.rounds", "from service.storage import tenancy"),
        ("surveys.trends", "from surveys import release\nimport msgspec\nfrom math import sqrt"),
        ("surveys.trends", "from random import Random\ndef f(random: Random): random.random()"),
    ],
)
def test_what_keeps_the_rules_is_left_alone(module, source):
    assert list(violations({module: source})) == []


def violations(modules: dict[str, str]) -> Iterator[str]:
    for module, source in modules.items():
        tree = ast.parse(source)
        for imported in sorted(set(imports(module, tree))):
            if not may_import(module, imported):
                yield f"{module} imports {imported}"
        if part(module) == "surveys":
            for line, what in impurities(tree):
                yield f"{module}:{line} {what}"


def imports(module: str, tree: ast.AST) -> Iterator[str]:
    """The modules that one imports, by their full names, wherever in it that stands."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            above = module.split(".")[: -node.level or None] if node.level else []
            origin = ".".join([*above, *(node.module or "").split(".")]).strip(".")
            if origin in {"service", "service.pages", "service.storage", "surveys"}:
                yield from (f"{origin}.{name.name}" for name in node.names)
            else:
                yield origin


def may_import(module: str, imported: str) -> bool:
    importer, target = part(module), part(imported)
    if target is None:
        outside = imported.partition(".")[0]
        return importer != "surveys" or (
            outside == "msgspec" or outside in sys.stdlib_module_names - IMPURE
        )
    if importer in MAY_IMPORT_ANYTHING or imported in SHARED_BY_ITS_FOLDER:
        return True
    if importer == target:
        return importer == "surveys" or module == imported
    return importer in IMPORTED_BY.get(target, {importer}) and target in IMPORTS.get(
        str(importer), {target}
    )


def part(module: str) -> str | None:
    """`service.pages.answer` is of the part `pages`; what is not our own is of none."""
    top, _, rest = module.partition(".")
    return {"service": rest.partition(".")[0] or None, "surveys": "surveys"}.get(top)


def impurities(tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Where a module asks for the time, or makes chance of its own instead of being handed it."""
    random_module = {
        name.asname or name.name
        for node in ast.walk(tree)
        if isinstance(node, ast.Import)
        for name in node.names
        if name.name == "random"
    }
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(attr=called) | ast.Name(id=called)):
                if called in ASKS_THE_CLOCK:
                    yield node.lineno, f"asks the clock: {called}()"
                if called in MAKES_CHANCE:
                    yield node.lineno, f"makes chance: {called}()"
            case ast.ImportFrom(module="random", names=names):
                if any(name.name != "Random" for name in names):
                    yield node.lineno, "makes chance: random"
            case ast.Attribute(value=ast.Name(id=name), attr=used):
                if name in random_module and used != "Random":
                    yield node.lineno, f"makes chance: random.{used}"
