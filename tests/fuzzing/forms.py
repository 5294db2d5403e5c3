"""A form as it stands on a page is the description of what may be posted: nobody keeps a second."""

import re
from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from tests.adversary.markup import Node, page
from tests.house import PASSWORD

Schema = dict[str, Any]

TYPED = ("text", "search", "email", "password", "date", "number")
CHOSEN = ("radio", "checkbox", "hidden", "submit", "button")


class FormSeen(Struct, frozen=True):
    """Where it is sent, whether with files, and of each field what may stand in it."""

    action: str
    files: bool
    fields: dict[str, Schema]


def forms_of(html: str, address: str) -> Iterator[FormSeen]:
    """`address` is the page's own, where a form without an action is sent."""
    whole = page(html)
    for form in whole.all("form"):
        if form.attributes.get("method", "get").lower() != "post":
            continue
        name = form.attributes.get("id")
        inside = [*form.nodes()]
        outside = [node for node in whole.nodes() if name and node.attributes.get("form") == name]
        fields: dict[str, Schema] = {}
        for node in [*inside, *outside]:
            field = node.attributes.get("name")
            if field and (found := described(node)):
                fields[field] = joined(fields.get(field), found)
        yield FormSeen(
            action=form.attributes.get("action") or address,
            files="multipart" in form.attributes.get("enctype", ""),
            fields=fields,
        )


def described(node: Node) -> Schema | None:
    value = node.attributes.get("value", "on")
    match node.tag, node.attributes.get("type", "text"):
        case "input", "file":
            return {"type": "string", "format": "binary"}
        case "input", "password":
            return {"anyOf": [{"enum": [PASSWORD]}, {"type": "string"}]}
        case "input", "date":
            days = ["", "2026-09-08", "2026-10-01", "2027-08-01", "0000-00-00", "9999-12-31"]
            return {"anyOf": [{"enum": days}, {"type": "string"}]}
        case "input", "number":
            bounds = [node.attributes.get(name, "1") for name in ("min", "max", "value")]
            return {"anyOf": [{"enum": [*bounds, "-1", "1e9", "٣"]}, {"type": "string"}]}
        case ("input", kind) if kind in TYPED:
            return typed(node, value if "value" in node.attributes else "")
        case "textarea", _:
            return typed(node, node.text)
        case ("input", kind) if kind in CHOSEN:
            return {"enum": [value]}
        case "button", _:
            return {"enum": [value]}
        case "select", _:
            return {"enum": [one.attributes.get("value", one.text) for one in node.all("option")]}
    return None


def typed(node: Node, value: str) -> Schema:
    """What stands there already, or anything; as long as the page says, and one sign longer."""
    longest = int(node.attributes.get("maxlength", "300")) + 1
    return {"anyOf": [{"enum": [value]}, {"type": "string", "maxLength": longest}]}


def joined(one: Schema | None, other: Schema) -> Schema:
    if one is None:
        return other
    if "enum" in one and "enum" in other:
        return {"enum": sorted({*one["enum"], *other["enum"]})}
    return one if "anyOf" in one else other


def addresses_of(html: str) -> set[str]:
    """The pages of ours that a page leads to."""
    return {found for found in re.findall(r'href="(/[^"#]*)', html) if "/static/" not in found}
