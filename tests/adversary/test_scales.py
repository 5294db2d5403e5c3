"""What a scale may say: the average of what its items say on the same page, and nothing finer."""

import pytest

from tests.adversary.markup import page
from tests.adversary.readers import scales

ITEMS = {"It was calm.": "22 or more of 24", "I got help.": "12 of 24"}


def told(line: str) -> None:
    items = "".join(
        f'<li><h3>{item}</h3><p class="interval">{said}</p></li>' for item, said in ITEMS.items()
    )
    names = "".join(f"<li>{item}</li>" for item in ITEMS)
    found = page(
        f'<details class="scale"><summary class="told">{line}</summary><ul>{names}</ul></details>'
        f'<ol class="items">{items}</ol>'
    )
    blocks = [(block, block.first("h3").text) for block in found.all("li") if block.all("h3")]
    scales.check(found, blocks)
    assert "%" not in found.text


def test_the_average_of_what_is_told_of_the_items_tells_nothing_new() -> None:
    told("Calm: goes well for 70% to 75%.")


@pytest.mark.parametrize("finer", ["73%", "71% to 75%", "70% to 74%", "75%"])
def test_a_finer_one_is_seen(finer: str) -> None:
    with pytest.raises(AssertionError):
        told(f"Calm: goes well for {finer}.")
