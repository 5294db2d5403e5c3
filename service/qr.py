"""A link becomes an SVG of its QR code: one path of run-length rows, about 4 KB."""

from functools import lru_cache

import qrcode
from qrcode.constants import ERROR_CORRECT_Q

ANY_MASK = 3


@lru_cache(maxsize=512)
def svg(link: str, label: str = "", *, quickly: bool = False) -> str:
    """Error correction Q: read across a classroom, through a reflection on the screen.

    To try all masks for the clearest takes 4 ms, an eighth of it to take any: for the many cards
    of a school, which are read from nearby.
    """
    code = qrcode.QRCode(
        error_correction=ERROR_CORRECT_Q, border=4, mask_pattern=ANY_MASK if quickly else None
    )
    code.add_data(link)
    code.make(fit=True)
    rows = code.get_matrix()
    path = "".join(
        f"M{start} {y}h{length}v1h-{length}z"
        for y, row in enumerate(rows)
        for start, length in runs(row)
    )
    size = len(rows)
    return (
        f'<svg class="qr" viewBox="0 0 {size} {size}" role="img" aria-label="{label}" '
        'xmlns="http://www.w3.org/2000/svg" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{size}v{size}H0z"/><path fill="#000" d="{path}"/></svg>'
    )


def runs(row: list[bool]) -> list[tuple[int, int]]:
    """Start and length of each run of dark modules in a row."""
    found: list[tuple[int, int]] = []
    for x, dark in enumerate(row):
        if dark and found and sum(found[-1]) == x:
            found[-1] = (found[-1][0], found[-1][1] + 1)
        elif dark:
            found.append((x, 1))
    return found
