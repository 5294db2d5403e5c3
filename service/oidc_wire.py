"""What is said to a provider and how its answers are read: where the libraries are used.

`service.oidc` brings this in when a provider is first asked for. Authlib, its HTTP client and
joserfc take 0.1 s and 20 MB, which a service without a provider does without.
"""

import asyncio
from collections.abc import Callable, Mapping
from typing import Any

import httpx2
import msgspec
from authlib.integrations.base_client.errors import OAuthError
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jwk, jwt
from joserfc.errors import ClaimError, ExpiredTokenError, JoseError
from joserfc.jwk import ECKey, KeySet, OctKey, OKPKey, RSAKey

from service import fetching
from service.oidc import LEEWAY, Client, Failed, Metadata, Trouble, UnknownKey

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA")
"""Signatures by a key of the provider's own. Never `none`, and never the shared secret."""
LONGEST_SUBJECT = 255  # OpenID Connect Core 1.0, section 2
WELL_KNOWN = "/.well-known/openid-configuration"


async def metadata(issuer: str, *, loopback: bool) -> Metadata:
    """What a provider says of itself. It must call itself what it was asked as."""
    answer = await asked(f"{issuer.rstrip('/')}{WELL_KNOWN}", loopback=loopback)
    try:
        found = msgspec.convert(answer, Metadata)
    except msgspec.ValidationError as error:
        raise Failed(Trouble.NO_PROVIDER) from error
    if found.issuer != issuer:
        raise Failed(Trouble.NO_PROVIDER)
    for address in (found.authorization_endpoint, found.end_session_endpoint):
        if address and not address.startswith(("https://", "http://" if loopback else "https://")):
            raise Failed(Trouble.NO_PROVIDER)  # browsers are sent there
    return found


async def keys(address: str, *, loopback: bool) -> KeySet:
    """Those that sign, each by itself: one of a kind that we do not know is in nobody's way."""
    answer = await asked(address, loopback=loopback)
    if not isinstance(answer, dict) or not isinstance(answer.get("keys"), list):
        raise Failed(Trouble.NO_PROVIDER)
    found: list[OctKey | RSAKey | ECKey | OKPKey] = []
    for each in answer["keys"]:
        try:
            key = jwk.import_key(each)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            continue
        if isinstance(key, RSAKey | ECKey | OKPKey) and each.get("use", "sig") == "sig":
            found.append(key)
    return KeySet(found)


def address_of_sign_in(
    client: Client,
    found: Metadata,
    *,
    state: str,
    nonce: str,
    verifier: str,
    asks: Mapping[str, str],
) -> str:
    with_library = library(client, found, loopback=False)
    url, _ = with_library.create_authorization_url(
        found.authorization_endpoint, state=state, nonce=nonce, code_verifier=verifier, **asks
    )
    return str(url)


async def exchanged(
    client: Client, found: Metadata, *, code: str, verifier: str, loopback: bool
) -> tuple[str, str]:
    """A code for an id token and an access token, once."""
    with_library = library(client, found, loopback=loopback)
    async with with_library:
        token = await kindly(
            with_library.fetch_token(found.token_endpoint, code=code, code_verifier=verifier)
        )
    id_token, access_token = token.get("id_token"), token.get("access_token")
    if not isinstance(id_token, str) or not isinstance(access_token, str):
        raise Failed(Trouble.CODE)
    return id_token, access_token


def read(
    id_token: str, known: KeySet, client: Client, issuer: str, nonce: str, now: int
) -> dict[str, Any]:
    """The claims of a token that is genuine, for us, of now and of this visit.

    Raises UnknownKey where the provider may have new keys, and Failed.
    """
    try:
        token = jwt.decode(id_token, chosen_of(known), algorithms=ALGORITHMS)
    except (JoseError, ValueError) as error:
        raise Failed(Trouble.FORGED) from error
    claims = token.claims
    registry = jwt.JWTClaimsRegistry(
        now=now,
        leeway=LEEWAY,
        iss={"essential": True, "value": issuer},
        sub={"essential": True},
        aud={"essential": True, "value": client.client_id},
        exp={"essential": True},
        iat={"essential": True},
    )
    try:
        registry.validate(claims)
    except ExpiredTokenError as error:
        raise Failed(Trouble.EXPIRED) from error
    except ClaimError as error:
        raise Failed(Trouble.NOT_FOR_US) from error
    several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
    if claims.get("azp", None if several else client.client_id) != client.client_id:
        raise Failed(Trouble.NOT_FOR_US)
    if not 0 < len(claims["sub"]) <= LONGEST_SUBJECT:
        raise Failed(Trouble.NOT_FOR_US)
    if claims.get("nonce") != nonce:
        raise Failed(Trouble.NONCE)
    return claims


def chosen_of(known: KeySet) -> Callable[[Any], Any]:
    """The key that a token names; without a name the one that there is."""

    def chosen(token: Any) -> Any:
        name = token.headers().get("kid")
        found = [key for key in known.keys if name is None or key.kid == name]
        if len(found) != 1:
            raise UnknownKey
        return found[0]

    return chosen


async def userinfo(address: str, access_token: str, *, loopback: bool) -> dict[str, Any]:
    answer = await asked(
        address, loopback=loopback, headers={"Authorization": f"Bearer {access_token}"}
    )
    if not isinstance(answer, dict):
        raise Failed(Trouble.NO_PROVIDER)
    return answer


def library(client: Client, found: Metadata, *, loopback: bool) -> AsyncOAuth2Client:
    """With the secret in the form where that is taken: in a header it would have to be encoded."""
    posts = "client_secret_post" in found.token_endpoint_auth_methods_supported
    return AsyncOAuth2Client(
        client_id=client.client_id,
        client_secret=client.secret,
        redirect_uri=client.redirect_uri,
        scope=client.scope,
        code_challenge_method="S256",
        token_endpoint_auth_method="client_secret_post" if posts else "client_secret_basic",
        **fetching.arguments(loopback=loopback),
    )


async def asked(address: str, *, loopback: bool, headers: dict[str, str] | None = None) -> Any:
    """A JSON document."""
    async with httpx2.AsyncClient(**fetching.arguments(loopback=loopback)) as http:
        reply = await kindly(http.get(address, headers=headers))
    if reply.status_code != httpx2.codes.OK:
        raise Failed(Trouble.UNREACHABLE if reply.status_code >= 500 else Trouble.NO_PROVIDER)
    try:
        return msgspec.json.decode(reply.content)
    except msgspec.DecodeError as error:
        raise Failed(Trouble.NO_PROVIDER) from error


async def kindly(asking: Any) -> Any:
    """Whatever goes wrong on the way, as one of the troubles that we have words for."""
    try:
        async with asyncio.timeout(fetching.PATIENCE):
            return await asking
    except fetching.NotAllowed as error:
        raise Failed(Trouble.NOT_ALLOWED) from error
    except OAuthError as error:
        raise Failed(Trouble.CODE) from error
    except (httpx2.HTTPError, httpx2.InvalidURL, OSError, TimeoutError) as error:
        raise Failed(Trouble.UNREACHABLE) from error
    except (fetching.TooLong, ValueError, UnicodeError) as error:
        raise Failed(Trouble.NO_PROVIDER) from error
