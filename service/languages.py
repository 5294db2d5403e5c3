"""The interface's languages: one PO file each, read at start; English is what templates say."""

from collections.abc import Mapping
from functools import cache
from gettext import NullTranslations
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import Translations

LOCALE = Path(__file__).parent / "locale"
STUDENTS = LOCALE / "answer"  # the words of students' pages, in more languages than the staff's
SOURCE = "en"
STAFF = ("nl", "en")
"""The languages of staff pages; students' pages come in all."""


@cache
def catalogs() -> Mapping[str, NullTranslations]:
    """The words of the interface by language code."""
    found: dict[str, NullTranslations] = {SOURCE: NullTranslations()}
    for path in (*sorted(LOCALE.glob("*.po")), *sorted(STUDENTS.glob("*.po"))):
        words = translations(path)
        if path.stem in found:
            found[path.stem].add_fallback(words)
        else:
            found[path.stem] = words
    return found


def translations(path: Path) -> NullTranslations:
    with path.open("rb") as file:
        catalog = read_po(file, locale=path.stem, abort_invalid=True)
    compiled = BytesIO()
    write_mo(compiled, catalog)
    compiled.seek(0)
    return Translations(compiled)


def preferred(accept_language: str, offered: tuple[str, ...]) -> str:
    """The first of the browser's languages that is offered, else the first offered (RFC 9110)."""
    wishes: list[tuple[float, str]] = []
    for part in accept_language.split(","):
        tag, _, quality = part.strip().partition(";q=")
        try:
            wishes.append((-float(quality or 1), tag.split("-")[0].lower()))
        except ValueError:
            continue
    for _, language in sorted(wishes, key=lambda wish: wish[0]):
        if language in offered:
            return language
    return offered[0]
