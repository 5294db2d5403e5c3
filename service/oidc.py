"""OpenID Connect: a code with PKCE, and what the provider then says of somebody.

What providers say of themselves, and their keys, is kept for an hour. A token that names a key
that is not among them has them fetched again, at most once a minute: whoever sends us forged
tokens cannot make us ask.
"""

import base64
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from msgspec import Struct

if TYPE_CHECKING:
    from joserfc.jwk import KeySet

KEPT = timedelta(hours=1)
AGAIN = timedelta(minutes=1)
MOST_KNOWN = 1_000
LEEWAY = 60  # seconds by which a provider's clock and ours may differ
OF_THE_SIGN_IN = frozenset({"amr", "acr", "auth_time"})
"""How and when somebody signed in there: the signed token says it, and nothing else."""


class Trouble(StrEnum):
    """What went wrong; pages have words for each."""

    UNREACHABLE = "unreachable"
    NOT_ALLOWED = "not allowed"  # an address in a private network, or without TLS
    NO_PROVIDER = "no provider"  # something answers, but not as this provider
    REFUSED = "refused"  # the provider sent the visitor back without a code
    CODE = "code"  # it knows neither the client nor the code
    FORGED = "forged"
    EXPIRED = "expired"
    NOT_FOR_US = "not for us"
    NONCE = "nonce"
    LOCKED = "locked"  # another pepper sealed the client secret


class Failed(Exception):
    def __init__(self, trouble: Trouble) -> None:
        super().__init__(trouble)
        self.trouble = trouble


class UnknownKey(Exception):
    """A token names a key that is not among those of its provider."""


class Client(Struct, frozen=True):
    """Us, as a provider knows us."""

    client_id: str
    secret: str
    redirect_uri: str
    scope: str


class Metadata(Struct, frozen=True):
    """What a provider says of itself (OpenID Connect Discovery 1.0, section 3)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    end_session_endpoint: str = ""
    token_endpoint_auth_methods_supported: tuple[str, ...] = ("client_secret_basic",)
    authorization_response_iss_parameter_supported: bool = False


class Return(Struct, frozen=True):
    """What the browser brings back from the provider."""

    code: str
    issuer: str  # "" where the provider does not say (RFC 9207)
    nonce: str
    verifier: str


class OpenID:
    """One for the house. `loopback` lets tests run a provider on this machine, without TLS."""

    def __init__(self, clock: Callable[[], datetime], *, loopback: bool) -> None:
        self.clock = clock
        self.loopback = loopback
        self.known: dict[str, tuple[datetime, Metadata]] = {}
        self.signing: dict[str, tuple[datetime, KeySet]] = {}

    async def metadata(self, issuer: str) -> Metadata:
        at, found = self.known.get(issuer, (None, None))
        if found is None or at is None or self.clock() - at >= KEPT:
            found = await wire().metadata(issuer, loopback=self.loopback)
            remember(self.known, issuer, (self.clock(), found))
        return found

    async def address_of_sign_in(
        self,
        client: Client,
        issuer: str,
        *,
        state: str,
        nonce: str,
        verifier: str,
        asks: Mapping[str, str],
    ) -> str:
        found = await self.metadata(issuer)
        address: str = wire().address_of_sign_in(
            client, found, state=state, nonce=nonce, verifier=verifier, asks=asks
        )
        return address

    async def address_of_sign_out(self, issuer: str, client_id: str, back_to: str) -> str:
        """Where a browser ends the session at the provider; "" where there is no such page."""
        address = (await self.metadata(issuer)).end_session_endpoint
        if not address:
            return ""
        asked = urlencode({"client_id": client_id, "post_logout_redirect_uri": back_to})
        return f"{address}{'&' if '?' in address else '?'}{asked}"

    async def claims(self, client: Client, issuer: str, back: Return) -> dict[str, Any]:
        """What a genuine token says of somebody, with what the provider tells when it is asked."""
        found = await self.metadata(issuer)
        if back.issuer != issuer and (
            back.issuer or found.authorization_response_iss_parameter_supported
        ):
            raise Failed(Trouble.NOT_FOR_US)  # one provider's code, brought to another one
        id_token, access_token = await wire().exchanged(
            client, found, code=back.code, verifier=back.verifier, loopback=self.loopback
        )
        claims = await self.read(client, found, id_token, back.nonce)
        if found.userinfo_endpoint:
            more = await wire().userinfo(
                found.userinfo_endpoint, access_token, loopback=self.loopback
            )
            if more.get("sub") != claims["sub"]:
                raise Failed(Trouble.NOT_FOR_US)
            claims = {name: more[name] for name in more.keys() - OF_THE_SIGN_IN} | claims
        return claims

    async def read(
        self, client: Client, found: Metadata, id_token: str, nonce: str
    ) -> dict[str, Any]:
        now = int(self.clock().timestamp())
        for attempt in "known", "fetched again":
            keys = await self.keys(found, again=attempt == "fetched again")
            try:
                claims: dict[str, Any] = wire().read(
                    id_token, keys, client, found.issuer, nonce, now
                )
                return claims
            except UnknownKey:
                continue
        raise Failed(Trouble.FORGED)

    async def keys(self, found: Metadata, *, again: bool) -> "KeySet":
        at, keys = self.signing.get(found.jwks_uri, (None, None))
        patience = AGAIN if again else KEPT
        if keys is None or at is None or self.clock() - at >= patience:
            keys = await wire().keys(found.jwks_uri, loopback=self.loopback)
            remember(self.signing, found.jwks_uri, (self.clock(), keys))
        return keys


def wire() -> Any:
    """See there: it is brought in when it is first needed."""
    from service import oidc_wire  # noqa: PLC0415

    return oidc_wire


def remember(known: dict[str, Any], name: str, found: Any) -> None:
    if len(known) >= MOST_KNOWN:
        known.clear()
    known[name] = found


def verifier_of(secret: bytes) -> str:
    """32 bytes as the 43 symbols that PKCE takes (RFC 7636, section 4.1)."""
    return base64.urlsafe_b64encode(secret).rstrip(b"=").decode()
