"""Whatever comes in from outside, it is read, or refused in the one way that is declared."""

import asyncio
from contextlib import suppress
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from litestar.exceptions import ClientException, NotFoundException

from service import going_on, languages, rendering, replies, sealing, settings, uploads
from service.pages import audits, boards
from service.settings import WrongSetting

TEXTS = st.text(st.characters(exclude_categories=["Cs"]))
FORMS = st.dictionaries(TEXTS, TEXTS, max_size=20)
CHUNKS = st.lists(st.binary(max_size=40), min_size=1, max_size=5)


def received(*chunks: bytes, broken_off: bool = False) -> dict[str, str]:
    """A student's form as the server hands it over, in as many pieces as the network made."""
    messages: list[dict[str, Any]] = [
        {"type": "http.request", "body": chunk, "more_body": True} for chunk in chunks
    ]
    end = {"type": "http.disconnect"} if broken_off else {"type": "http.request"}
    coming = iter([*messages, end])

    async def receive() -> Any:
        return next(coming)

    return asyncio.run(replies.form_of(receive))


@given(FORMS, st.integers(0, 400))
def test_a_form_is_the_same_however_the_network_cuts_it(form, cut):
    body = urlencode(form).encode()
    assert received(body[:cut], body[cut:]) == form


@given(CHUNKS)
@example([b"a=%ff&b"])
@example([b"&" * 300])
@example([b"\xff"])
def test_any_bytes_are_a_form_or_none(chunks):
    with suppress(ClientException):
        assert all(isinstance(value, str) for value in received(*chunks).values())


@given(CHUNKS)
def test_a_form_that_breaks_off_is_none(chunks):
    with pytest.raises(ClientException):
        received(*chunks, broken_off=True)


# Files


def in_parts(fields: dict[str, str], files: list[tuple[str, bytes]]) -> bytes:
    parts = [f'name="{name}"\r\n\r\n{value}'.encode() for name, value in fields.items()]
    parts += [
        f'name="files"; filename="{name}"\r\n\r\n'.encode() + content for name, content in files
    ]
    heads = [b"--x-0-x\r\nContent-Disposition: form-data; " + part + b"\r\n" for part in parts]
    return b"".join(heads) + b"--x-0-x--\r\n"


NAMES = st.text(st.characters(codec="ascii", min_codepoint=97, max_codepoint=122), min_size=1)
CONTENTS = st.binary(max_size=300).filter(lambda content: b"--x-0-x" not in content)


@given(
    st.dictionaries(NAMES, TEXTS.filter(lambda text: "--x-0-x" not in text), max_size=5),
    st.lists(st.tuples(NAMES, CONTENTS), max_size=5),
)
def test_a_form_with_files_comes_out_as_it_went_in(fields, files):
    found = uploads.posted("multipart/form-data; boundary=x-0-x", in_parts(fields, files))
    assert (found.fields, found.files) == (fields, files)


@given(st.binary(max_size=300), st.text(max_size=60) | st.just("multipart/form-data; boundary=x"))
def test_any_bytes_are_a_form_with_files_or_none(body, kind):
    with suppress(ClientException):
        uploads.posted(kind, body)


@given(st.data())
def test_a_form_with_files_with_some_bytes_changed_is_a_form_or_none(data):
    body = bytearray(in_parts({"stage": "primary"}, [("Users.csv", b"a,b\r\n")]))
    for place in data.draw(st.lists(st.integers(0, len(body) - 1), max_size=4)):
        body[place] = data.draw(st.integers(0, 255))
    with suppress(ClientException):
        uploads.posted("multipart/form-data; boundary=x-0-x", bytes(body))


# Codes, addresses, languages


@given(st.text())
def test_whatever_is_typed_is_a_code_of_our_letters_or_stays_unknown(typed):
    found = sealing.forgiven(typed)
    assert sealing.forgiven(found) == found


@given(st.text() | st.from_regex(r"[/\\]{0,3}[\w.:@\\/?#%\s-]{0,30}", fullmatch=True))
@example("//evil.example.org")
@example("/\\evil.example.org")
@example("https://evil.example.org")
@example("/classes\r\nSet-Cookie: a=b")
@example("/classes\n")
@example("javascript:alert(1)")
@example("/signin?next=//evil")
def test_one_goes_on_to_a_page_of_ours_and_nowhere_else(wanted):
    found = going_on.next_of({"next": wanted})
    assert found.startswith("/")
    assert not found.startswith(("//", "/\\"))
    assert found.isascii()
    assert found.isprintable()
    assert not set(found) & set(":\\?#%@ ")
    back = going_on.back_of({"next": wanted})
    assert back.startswith("/")
    assert not back.startswith(("//", "/\\"))
    assert back.isascii()
    assert back.isprintable()
    assert not set(back) & set(":\\#@ ")


@given(
    st.text()
    | st.lists(st.sampled_from(["nl", "en;q=0", "ar;q=nan", "*", ";q=1e999", "x;q=-", ","])).map(
        ",".join
    )
)
def test_whatever_a_phone_says_it_speaks_it_gets_a_language_that_there_is(said):
    assert languages.preferred(said, ("nl", "en", "ar")) in ("nl", "en", "ar")


@given(st.text())
def test_an_id_in_a_form_or_a_query_is_one_or_there_is_nothing(text):
    with suppress(NotFoundException):
        boards.uuid_of(text)
    rendering.date_of(text)
    audits.person_of(text)
    audits.moment_of(text)


# Settings


NAMES_OF_SETTINGS = st.sampled_from(
    [
        "STEMLOKAAL_URL",
        "STEMLOKAAL_HOST",
        "STEMLOKAAL_PORT",
        "STEMLOKAAL_DATABASE",
        "STEMLOKAAL_DATABASE_FILE",
        "STEMLOKAAL_DATA",
        "STEMLOKAAL_KEYS",
        "STEMLOKAAL_PEPPER",
        "STEMLOKAAL_TIMEZONE",
        "STEMLOKAAL_SMTP",
        "STEMLOKAAL_MAIL_FROM",
        "STEMLOKAAL_TRUSTED_PROXIES",
    ]
)
VALUES = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])) | (
    st.sampled_from(
        [
            "https://stem.school.nl",
            "http://127.0.0.1:8400",
            "http://[::1]:99999",
            "/srv/stem",
            "/srv/stem/data",
            "postgresql://a:b@c/d",
            "smtp://a:b@c:587",
            "10.0.0.0/24",
            "10.0.0.1/8",
            "Europe/Amsterdam",
            "../../etc/passwd",
            "8400",
            "0",
        ]
    )
)


@given(st.dictionaries(NAMES_OF_SETTINGS, VALUES, max_size=6))
def test_any_environment_is_settings_or_names_the_variable_that_is_wrong(environment):
    wrong = ""
    try:
        settings.read(environment)
    except WrongSetting as error:
        wrong = str(error)
    assert not wrong or "STEMLOKAAL_" in wrong
