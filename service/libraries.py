"""What is installed with this service: a software bill of materials, as CycloneDX 1.6 in JSON.

It is worked out of what Python knows of its packages, beginning at our own, so that it is of this
machine and of no other. What wheels hold inside them is in no package's list, and not in this one.
"""

import re
from collections.abc import Iterator, Mapping
from importlib import metadata
from importlib.metadata import Distribution, PackageNotFoundError
from typing import Any

import msgspec

OURS = "stemlokaal"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")
OPTIONAL = re.compile(r";.*\bextra\b")  # what is installed only where somebody asks for it


def bill() -> str:
    found = installed()
    libraries = sorted(found.keys() - {OURS})
    told = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": component(OURS, found[OURS], "application")},
        "components": [component(name, found[name], "library") for name in libraries],
        "dependencies": [
            {
                "ref": reference(name, each),
                "dependsOn": [reference(one, found[one]) for one in needs(each) if one in found],
            }
            for name, each in sorted(found.items())
        ],
    }
    return msgspec.json.format(msgspec.json.encode(told)).decode()


def installed() -> Mapping[str, Distribution]:
    """Ours, and all that it brings along, by name. What another system would need is not there."""
    found: dict[str, Distribution] = {}
    waiting = [OURS]
    while waiting:
        name = waiting.pop()
        if name in found:
            continue
        try:
            found[name] = metadata.distribution(name)
        except PackageNotFoundError:
            continue
        waiting += needs(found[name])
    return found


def needs(package: Distribution) -> Iterator[str]:
    for line in package.requires or ():
        if (name := NAME.match(line)) and not OPTIONAL.search(line):
            yield normal(name[0])


def normal(name: str) -> str:
    """One spelling for each name (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def component(name: str, package: Distribution, kind: str) -> dict[str, Any]:
    return {
        "type": kind,
        "bom-ref": reference(name, package),
        "name": name,
        "version": package.version,
        "purl": reference(name, package),
    }


def reference(name: str, package: Distribution) -> str:
    """A package URL, by which lists of known holes know it."""
    return f"pkg:pypi/{name}@{package.version}"
