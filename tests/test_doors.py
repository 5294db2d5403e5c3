"""A page that is compressed once is the same page, whatever nonce is spliced in."""

import gzip

from hypothesis import given
from hypothesis import strategies as st

from service.doors import SplicedPage

TEXT = st.text().filter(lambda text: "<placeholder>" not in text)
NONCES = st.binary(min_size=16, max_size=16).map(bytes.hex)


@given(TEXT, NONCES, TEXT)
def test_compressed_or_not_it_holds_its_own_nonce_and_nothing_else_differs(before, nonce, after):
    html = f"{before}<placeholder>{after}"
    page = SplicedPage(html, "<placeholder>")
    expected = html.replace("<placeholder>", nonce).encode()
    assert page.with_nonce(nonce) == expected
    assert gzip.decompress(page.compressed_with_nonce(nonce)) == expected
