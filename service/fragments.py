"""Parts of pages that follow from what was told alone: the same values, the same words.

A release never changes, and a page that tells of forty of them is looked at again and again. A part
is kept under the values that it was made of, so nothing has to be forgotten when something changes:
then the values are others. What is kept is what somebody was told; there is nothing else to keep.
"""

from collections import OrderedDict
from collections.abc import Callable, Mapping
from hashlib import blake2b
from typing import Any

import msgspec
from jinja2 import Environment
from markupsafe import Markup

MOST_KEPT = 500  # some 30 KB each


def nothing_more() -> Mapping[str, Any]:
    return {}


class Fragments:
    """Rendered parts of pages, the least recently shown forgotten first."""

    def __init__(self, templates: Environment) -> None:
        self.templates = templates
        self.kept: OrderedDict[bytes, Markup] = OrderedDict()

    def of(
        self,
        template: str,
        told: Mapping[str, Any],
        worked_out: Callable[[], Mapping[str, Any]] = nothing_more,
    ) -> Markup:
        """`told` is all that the template reads, its language too, or that `worked_out` reads."""
        encoded = msgspec.msgpack.encode((template, told))
        key = blake2b(encoded, digest_size=16).digest()
        if key in self.kept:
            self.kept.move_to_end(key)
            return self.kept[key]
        made = Markup(self.templates.get_template(template).render(**told, **worked_out()))  # noqa: S704  it is a template's
        self.kept[key] = made
        if len(self.kept) > MOST_KEPT:
            self.kept.popitem(last=False)
        return made
