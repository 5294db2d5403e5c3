"""The list of all that is installed with the service is whole, and is CycloneDX. All of it comes
from one place that many look at."""

import json
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest

from service import libraries
from service.libraries import OURS, installed, normal

ROOT = Path(__file__).parent.parent
TAKEN_IF_THERE = {"brotli", "pillow", "setuptools"}
"""Libraries take these along where tests or Python have brought them; no school gets them by us."""
RUNNING = """
import json, sys
from service import __main__, app, oidc_wire, settings
app.routes(settings.read({}))
print(json.dumps(sorted({name.partition(".")[0] for name in sys.modules})))
"""


@pytest.fixture(scope="module")
def bill() -> dict[str, Any]:
    return dict(json.loads(libraries.bill()))


def test_the_command_writes_it(bill: dict[str, Any]) -> None:
    words = [sys.executable, "-m", "service", "libraries"]
    done = subprocess.run(words, capture_output=True, check=True, text=True)
    assert json.loads(done.stdout) == bill


def test_it_is_a_bill_of_materials_that_scanners_read(bill: dict[str, Any]) -> None:
    assert (bill["bomFormat"], bill["specVersion"], bill["version"]) == ("CycloneDX", "1.6", 1)
    own = bill["metadata"]["component"]
    assert (own["type"], own["name"], own["version"]) == (
        "application",
        OURS,
        metadata.version(OURS),
    )
    for each in bill["components"]:
        assert each["type"] == "library"
        assert re.fullmatch(r"pkg:pypi/[a-z0-9-]+@[\w.+!-]+", each["purl"])
        assert each["version"] == metadata.version(each["name"])
    known = {own["bom-ref"], *(each["bom-ref"] for each in bill["components"])}
    assert len(known) == len(bill["components"]) + 1
    assert {each["ref"] for each in bill["dependencies"]} == known
    assert {one for each in bill["dependencies"] for one in each["dependsOn"]} < known


def test_each_library_that_we_name_is_in_it(bill: dict[str, Any]) -> None:
    listed = {each["name"] for each in bill["components"]}
    named = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["dependencies"]
    assert {normal(re.split(r"[^\w.-]", each)[0]) for each in named} <= listed
    assert "pytest" not in listed  # of tests alone
    assert {"cffi", "markupsafe", "cryptography"} <= listed  # which others bring along


def test_nothing_is_used_that_is_not_in_it() -> None:
    """All that a service with a sign-in by a provider has in memory."""
    done = subprocess.run(
        [sys.executable, "-c", RUNNING], capture_output=True, check=True, text=True
    )
    packages = metadata.packages_distributions()
    used = {normal(one) for name in json.loads(done.stdout) for one in packages.get(name, ())}
    assert len(used) > 20
    assert used - TAKEN_IF_THERE <= installed().keys()
    assert not TAKEN_IF_THERE & installed().keys()


def test_all_of_it_comes_from_the_index_and_from_no_address_of_somebody() -> None:
    """A package that was fetched from an address or a folder says so (PEP 610); and ours asks for
    none that does."""
    elsewhere = [
        name for name, package in installed().items() if package.read_text("direct_url.json")
    ]
    assert set(elsewhere) <= {OURS}
    asked = (ROOT / "pyproject.toml").read_text()
    assert "@ " not in "".join(re.findall(r"(?s)dependencies = \[(.*?)\n\]", asked))
    for file in "pyproject.toml", "docker/Dockerfile", "docker/install.sh":
        assert not re.search(r"index-url|find-links|git\+", (ROOT / file).read_text()), file
