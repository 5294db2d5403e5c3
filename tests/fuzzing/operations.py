"""The service's OpenAPI: of every route that the running application has, students' included.

It is served to nobody. Paths come from the application, forms from its pages (`forms`).
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from service.app import Front
from tests.fuzzing.forms import FormSeen, Schema, joined

URLENCODED, MULTIPART = "application/x-www-form-urlencoded", "multipart/form-data"
ENDLESS = "/participation"  # event streams, which end when the visitor goes

QUERY: Schema = {
    "language": {"enum": ["nl", "en", "ar", "xx", "nl\r\nX: y"]},
    "next": {
        "anyOf": [{"enum": ["/classes", "//evil.example.org", "/x\r\nY: z"]}, {"type": "string"}]
    },
    "scale": {"type": "string"},
    "page": {"type": "string"},
    "who": {"type": "string"},
    "what": {"type": "string"},
    "wave": {"type": "string"},
}
"""Asked of every page: what none of them reads is to be left alone."""


class Operation(Struct, frozen=True):
    """`reads_form` is whether the handler takes what is posted."""

    method: str
    path: str
    reads_form: bool

    @property
    def pattern(self) -> re.Pattern[str]:
        """Which addresses are of this path; words like `new` come before any id."""
        return re.compile(re.sub(r"\{\w+\}", "[^/]+", self.path) + "$")


def operations(app: Front) -> Iterator[Operation]:
    for method, path in app.in_front:
        yield Operation(method, path, method == "POST")
    for route in app.routes:
        path = re.sub(r"\{(\w+):\w+\}", r"{\1}", route.path)
        for method, found in getattr(route, "route_handler_map", {}).items():
            handler = found[0] if isinstance(found, tuple) else found
            takes = handler.parsed_fn_signature.parameters
            if method != "OPTIONS":
                reads = method == "POST" and ("data" in takes or path.endswith("/roster/preview"))
                yield Operation(method, path, reads)


def operation_of(address: str, method: str, known: Iterable[Operation]) -> Operation | None:
    """The one with the fewest ids in it: `/classes/new` is no class."""
    path = address.split("?", maxsplit=1)[0]
    fitting = [each for each in known if each.method == method and each.pattern.match(path)]
    return min(fitting, key=lambda each: each.path.count("{"), default=None)


def schema(known: Iterable[Operation], forms: Mapping[Operation, FormSeen]) -> Schema:
    paths: dict[str, Any] = {}
    for each in known:
        described: Schema = {
            "parameters": [*parameters(each)],
            "responses": {"default": {"description": "a page, or a redirect to one"}},
        }
        if form := forms.get(each):
            kind = MULTIPART if form.files else URLENCODED
            body = {"type": "object", "properties": form.fields}
            described["requestBody"] = {"content": {kind: {"schema": body}}}
        paths.setdefault(each.path, {})[each.method.lower()] = described
    return {"openapi": "3.1.0", "info": {"title": "Stemlokaal", "version": "0"}, "paths": paths}


def parameters(of: Operation) -> Iterator[Schema]:
    for name in re.findall(r"\{(\w+)\}", of.path):
        yield {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
    if of.method == "GET":
        for name, described in QUERY.items():
            yield {"name": name, "in": "query", "schema": described}
    languages = {"enum": ["nl", "en;q=0.1", "ar", "*", "xx;q=nan", "nl;q=", ",,;q=x"]}
    yield {"name": "Accept-Language", "in": "header", "schema": languages}


def together(seen: Iterable[tuple[Operation, FormSeen]]) -> dict[Operation, FormSeen]:
    """All forms that are sent to one address, as one: several stand on some pages."""
    found: dict[Operation, FormSeen] = {}
    for operation, form in seen:
        before = found.get(operation)
        fields = dict(before.fields) if before else {}
        for name, described in form.fields.items():
            fields[name] = joined(fields.get(name), described)
        files = form.files or bool(before and before.files)
        found[operation] = FormSeen(form.action, files, fields)
    return found
