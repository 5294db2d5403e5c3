"""Parts of pages are kept by their values: other values are other words, and nothing is stale."""

from collections.abc import Mapping
from datetime import UTC
from typing import Any

from service import fragments, rendering
from service.fragments import Fragments

TOLD = {"language": "en", "legend": "as it is"}


class Working:
    """What was worked out, in the order of its working out."""

    def __init__(self) -> None:
        self.done: list[str] = []

    def on(self, what: str) -> Mapping[str, Any]:
        self.done.append(what)
        return {}


def kept() -> Fragments:
    return Fragments(rendering.environment(UTC))


def test_the_same_values_are_worked_out_once() -> None:
    one, worked_out = kept(), Working()
    for _ in range(3):
        one.of("brand.html", TOLD, lambda: worked_out.on("it"))
    assert worked_out.done == ["it"]


def test_other_values_other_languages_and_other_templates_are_other_parts() -> None:
    one = kept()
    for template, told in (
        ("brand.html", TOLD),
        ("brand.html", {**TOLD, "legend": "changed"}),
        ("brand.html", {**TOLD, "language": "nl"}),
        ("eyes.html", TOLD),
    ):
        one.of(template, told)
    assert len(one.kept) == 4


def test_what_was_not_looked_at_for_longest_is_forgotten_first(monkeypatch) -> None:
    monkeypatch.setattr(fragments, "MOST_KEPT", 2)
    one, worked_out = kept(), Working()

    def look(legend: str) -> None:
        one.of("brand.html", {**TOLD, "legend": legend}, lambda: worked_out.on(legend))

    for legend in ("first", "second", "first", "third", "first", "second"):
        look(legend)
    assert worked_out.done == ["first", "second", "third", "second"]
