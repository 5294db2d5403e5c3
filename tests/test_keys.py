"""A private key is in its folders alone, for its owner alone, and is gone when it is destroyed."""

import os
import stat
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from nacl.public import PublicKey, SealedBox

from service.keys import KeyDirectory, KeyLost, name_of

MESSAGE = b"what a child said"


@pytest.fixture
def keys(tmp_path: Path) -> KeyDirectory:
    directory = KeyDirectory((tmp_path / "disk1/keys", tmp_path / "disk2/keys"))
    directory.prepare()
    return directory


def files(keys: KeyDirectory) -> list[Path]:
    return [path for folder in keys.folders for path in folder.iterdir()]


def sealed_for(public_key: bytes) -> bytes:
    return SealedBox(PublicKey(public_key)).encrypt(MESSAGE)


def test_a_key_is_on_both_disks_before_it_is_used(keys: KeyDirectory) -> None:
    public_key = keys.new_key()
    one, other = files(keys)
    assert one.read_bytes() == other.read_bytes() != bytes(32)
    assert one.name == other.name == name_of(public_key)


def test_only_the_owner_may_read_a_key_or_list_them(keys: KeyDirectory) -> None:
    before = os.umask(0)
    try:
        keys.new_key()
        keys.prepare()
    finally:
        os.umask(before)
    assert {stat.S_IMODE(path.stat().st_mode) for path in files(keys)} == {0o600}
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in keys.folders} == {0o700}


def test_a_folder_that_others_could_look_into_is_shut(tmp_path: Path) -> None:
    (tmp_path / "keys").mkdir(0o755)
    KeyDirectory((tmp_path / "keys",)).prepare()
    assert stat.S_IMODE((tmp_path / "keys").stat().st_mode) == 0o700


def test_the_public_key_does_not_open_what_it_seals(keys: KeyDirectory) -> None:
    public_key = keys.new_key()
    assert keys.opened(public_key, [sealed_for(public_key)]) == [MESSAGE]
    assert keys.opened(keys.new_key(), [sealed_for(public_key)]) == [None]


@pytest.mark.parametrize("spoilt", [0, 1])
@pytest.mark.parametrize("content", [None, b"", bytes(32), b"x" * 32, b"x" * 31])
def test_one_disk_may_fail(keys: KeyDirectory, spoilt: int, content: bytes | None) -> None:
    public_key = keys.new_key()
    path = keys.folders[spoilt] / name_of(public_key)
    path.unlink() if content is None else path.write_bytes(content)
    assert keys.holds(public_key)
    assert keys.opened(public_key, [sealed_for(public_key)]) == [MESSAGE]


def test_without_the_key_nothing_is_opened(keys: KeyDirectory) -> None:
    public_key = keys.new_key()
    keys.destroy(public_key)
    assert not keys.holds(public_key)
    with pytest.raises(KeyLost):
        keys.opened(public_key, [sealed_for(public_key)])


@pytest.mark.parametrize("garbage", [b"", b"x", b"x" * 48, b"x" * 500])
def test_an_envelope_that_does_not_open_spoils_no_other(keys: KeyDirectory, garbage: bytes) -> None:
    public_key = keys.new_key()
    whole = sealed_for(public_key)
    found = keys.opened(public_key, [whole, garbage, whole[:-1], whole])
    assert found == [MESSAGE, None, None, MESSAGE]


def test_a_destroyed_key_is_overwritten_where_it_lay(keys: KeyDirectory, tmp_path: Path) -> None:
    public_key = keys.new_key()
    seen = [tmp_path / "one", tmp_path / "other"]
    for path, name in zip(files(keys), seen, strict=True):
        name.hardlink_to(path)  # what an undelete would find
    keys.destroy(public_key)
    assert files(keys) == []
    assert [path.read_bytes() for path in seen] == [bytes(32), bytes(32)]


def test_a_key_is_destroyed_however_far_it_came_before(keys: KeyDirectory) -> None:
    public_key = keys.new_key()
    (keys.folders[0] / name_of(public_key)).write_bytes(bytes(32))  # killed before the unlink
    keys.destroy(public_key)
    assert files(keys) == []
    keys.destroy(public_key)
    assert files(keys) == []


def test_one_key_is_destroyed_and_no_other(keys: KeyDirectory) -> None:
    destroyed, kept = keys.new_key(), keys.new_key()
    keys.destroy(destroyed)
    assert keys.opened(kept, [sealed_for(kept)]) == [MESSAGE]


def test_a_directory_keeps_its_number_on_both_disks(keys: KeyDirectory) -> None:
    number = keys.identity()
    (keys.folders[0] / "keeper").unlink()
    assert keys.identity() == number
    assert (keys.folders[0] / "keeper").read_text() == str(number)


def test_only_an_old_key_that_nothing_refers_to_is_a_stray(keys: KeyDirectory) -> None:
    used, stray = keys.new_key(), keys.new_key()
    now = datetime.now(UTC)
    assert keys.strays({used}, now - timedelta(days=1)) == []
    assert set(keys.strays({used}, now + timedelta(seconds=1))) == {stray}
