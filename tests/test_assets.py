"""Styles are written room by room and sent as one."""

import pytest

from service import assets


def test_every_room_is_sent_in_one_style_and_once():
    sent = [room for rooms in assets.ROOMS.values() for room in rooms]
    written = [path for path in assets.FOLDER.rglob("*") if path.parent != assets.FOLDER]
    assert sorted(sent) == sorted(str(path.relative_to(assets.FOLDER)) for path in written)


@pytest.mark.parametrize("name", assets.ROOMS)
def test_a_style_is_its_rooms_in_their_order(name: str):
    style, at = assets.file(name).content, 0
    for room in assets.ROOMS[name]:
        at = style.index((assets.FOLDER / room).read_bytes(), at)


@pytest.mark.parametrize("name", ["style", "answer", "style/page.css", "../pyproject.toml", ""])
def test_no_path_is_made_out_of_what_is_asked_for(name: str):
    with pytest.raises(FileNotFoundError):
        assets.file(name)
