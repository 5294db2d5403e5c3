"""Files in a zip or one by one: unpacked in memory, never more than is allowed, or refused."""

import io
import zipfile

from hypothesis import given
from hypothesis import strategies as st

from service import archives
from service.archives import Refused, packed, unpacked
from tests.rosters import a_school, files


def test_a_zip_and_its_files_one_by_one_are_the_same():
    contents = files(a_school())
    apart = unpacked([(name.upper(), content) for name, content in contents.items()])
    assert apart == unpacked([("school.zip", packed(contents))]) == contents
    folder = {f"export/{name}": content for name, content in contents.items()}
    mac = folder | {"__MACOSX/export/._users.csv": b"\x00\x05"}
    assert unpacked([("school.zip", packed(mac))]) == contents


def test_a_zip_bomb_is_not_unpacked():
    assert len(bomb := packed({"users.csv": b"0" * 200_000_000})) < 200_000
    assert unpacked([("bomb.zip", bomb)]) is Refused.TOO_LARGE
    many = packed({f"{n}/users{n}.csv": b"" for n in range(archives.MOST_FILES + 1)})
    assert unpacked([("many.zip", many)]) is Refused.TOO_LARGE
    lying = bytearray(packed({"users.csv": b"0" * 40_000_000}))
    for start in b"PK\x03\x04", b"PK\x01\x02":  # both places where a zip tells the size
        at = lying.index(start) + (22 if start == b"PK\x03\x04" else 24)
        lying[at : at + 4] = (1000).to_bytes(4, "little")
    assert unpacked([("lying.zip", bytes(lying))]) in (Refused.TOO_LARGE, Refused.BROKEN)


def test_the_same_name_twice_is_refused():
    assert unpacked([("users.csv", b"a"), ("Users.csv", b"b")]) is Refused.TWICE
    folders = packed({"a/users.csv": b"a", "b/users.csv": b"b"})
    assert unpacked([("school.zip", folders)]) is Refused.TWICE


def test_a_locked_broken_or_strange_zip_is_refused():
    whole = packed({"users.csv": b"a,b\r\n" * 100})
    assert unpacked([("half.zip", whole[: len(whole) // 2])]) is Refused.BROKEN
    locked = whole.replace(b"PK\x01\x02\x14\x03\x14\x00\x00", b"PK\x01\x02\x14\x03\x14\x00\x01")
    assert locked != whole
    assert unpacked([("locked.zip", locked)]) is Refused.LOCKED
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("users.csv", b"a,b")
    assert unpacked([("strange.zip", file.getvalue())]) is Refused.BROKEN
    assert unpacked([]) is Refused.NOTHING
    assert unpacked([("empty.zip", packed({}))]) is Refused.NOTHING


def test_a_file_without_a_name_in_a_zip_does_not_make_it_fail():
    nameless = packed({"x": b"a"}).replace(b"x", b"\0")
    assert isinstance(unpacked([("a.zip", nameless)]), dict | Refused)


@given(st.binary(max_size=300))
def test_no_bytes_make_it_fail(content):
    assert isinstance(unpacked([("a.zip", b"PK" + content)]), dict | Refused)


@given(st.data())
def test_a_zip_with_some_bytes_changed_does_not_make_it_fail(data):
    whole = packed({"users.csv": b"a,b\r\n" * 20, "classes.csv": b"c"})
    at = data.draw(st.integers(0, len(whole) - 1))
    change = data.draw(st.binary(min_size=1, max_size=4))
    content = whole[:at] + change + whole[at + len(change) :]
    assert isinstance(unpacked([("a.zip", content)]), dict | Refused)
