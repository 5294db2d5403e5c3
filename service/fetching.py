"""Asking a provider over HTTP, and nobody else.

An administrator types the address of a provider, so it may be any. Nothing here goes to a private
address (the school's own network, this machine, a cloud's data about itself): the name is looked
up once, what it stands for is checked, and the connection goes there and nowhere else. A name
that stands for one thing when checked and another when used gets nothing by it. No redirect is
followed, and nobody keeps us waiting or sends us more than a page.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from functools import cache
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from socket import SOCK_STREAM
from typing import Any, cast

import httpx2

PATIENCE = 8.0  # seconds, for one question
LARGEST = 512 * 1024  # bytes of an answer
EMBEDDED = (ip_network("64:ff9b::/96"), ip_network("2002::/16"), ip_network("2001::/32"))
"""Addresses of IPv6 that stand for one of IPv4, which could be private."""


class NotAllowed(Exception):
    """An address that nobody of ours goes to."""


class TooLong(Exception):
    """An answer that goes on and on."""


class Guarded(httpx2.AsyncHTTPTransport):
    """`loopback` lets tests run a provider on this machine, without TLS."""

    def __init__(self, *, loopback: bool) -> None:
        super().__init__(verify=tls(), trust_env=False)
        self.loopback = loopback

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        url = request.url
        address = await looked_up(url.host, url.port or 443)
        local = self.loopback and address.is_loopback
        if not local and (url.scheme != "https" or not is_public(address)):
            raise NotAllowed(url.host)
        request.extensions = {**request.extensions, "sni_hostname": url.host}
        request.url = url.copy_with(host=str(address))
        response = await super().handle_async_request(request)
        response.stream = Limited(cast(httpx2.AsyncByteStream, response.stream))
        return response


class Limited(httpx2.AsyncByteStream):
    def __init__(self, stream: httpx2.AsyncByteStream) -> None:
        self.stream = stream

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = LARGEST
        async for part in self.stream:
            left -= len(part)
            if left < 0:
                raise TooLong
            yield part

    async def aclose(self) -> None:
        await self.stream.aclose()


def arguments(*, loopback: bool) -> dict[str, Any]:
    """What a client is made with, ours or the library's."""
    return {
        "transport": Guarded(loopback=loopback),
        "timeout": PATIENCE,
        "follow_redirects": False,
        "trust_env": False,
        "headers": {"Accept-Encoding": "identity"},  # a small answer cannot unpack to a large one
    }


async def looked_up(host: str, port: int) -> IPv4Address | IPv6Address:
    """Raises NotAllowed when a name stands for several addresses of which one is private."""
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=SOCK_STREAM)
    addresses = [ip_address(each[4][0]) for each in found]
    if not all(map(is_public, addresses)) and len(set(map(is_public, addresses))) > 1:
        raise NotAllowed(host)
    return addresses[0]


def is_public(address: IPv4Address | IPv6Address) -> bool:
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return is_public(address.ipv4_mapped)
        if any(address in network for network in EMBEDDED):
            return False
    return address.is_global and not address.is_multicast


@cache
def tls() -> ssl.SSLContext:
    """Made once: to read the certificates of those who are trusted takes 30 ms."""
    return httpx2.create_ssl_context()
