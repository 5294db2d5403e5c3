"""A form with files: taken apart in memory, and never on disk."""

import tempfile

import pytest
from litestar.exceptions import ClientException

from service.uploads import posted

BODY = (
    b'--x\r\nContent-Disposition: form-data; name="stage"\r\n\r\nprimary\r\n'
    b'--x\r\nContent-Disposition: form-data; name="files"; filename="Users.CSV"\r\n\r\na,b\r\n'
    b'--x\r\nContent-Disposition: form-data; name="files"; filename=""\r\n\r\n\r\n'
    b"--x--\r\n"
)
FORM = "multipart/form-data; boundary=x"


def test_fields_and_files_come_out_of_a_form():
    form = posted(FORM, BODY)
    assert form.fields == {"stage": "primary"}
    assert form.files == [("Users.CSV", b"a,b")]


@pytest.mark.parametrize(
    ("kind", "body"),
    [("text/csv", BODY), ("multipart/form-data", BODY), (FORM, b"--x\r\nhalf"), (FORM, BODY[:-9])],
)
def test_what_is_no_form_is_refused(kind, body):
    with pytest.raises(ClientException):
        posted(kind, body)


def test_a_large_file_is_never_on_disk(monkeypatch):
    def fail(*_, **__):
        raise AssertionError("a temporary file was made")

    for name in "TemporaryFile", "SpooledTemporaryFile", "NamedTemporaryFile", "mkstemp":
        monkeypatch.setattr(tempfile, name, fail)
    body = BODY.replace(b"a,b", b"a" * 4_000_000)
    assert len(posted(FORM, body).files[0][1]) == 4_000_000
