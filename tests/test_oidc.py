"""What a provider says is taken where it is genuine, for us, of now and of this visit; and a
provider that is gone, slow or somewhere else hangs nothing."""

import subprocess
import sys
import time
from collections.abc import Callable
from ipaddress import ip_address
from urllib.parse import parse_qs, urlsplit

import httpx
import httpx2
import pytest
from joserfc.jwk import OctKey, RSAKey

from service import fetching
from tests.house import Running
from tests.pages.living import look, text_of
from tests.providers import (
    CLIENT,
    Certified,
    Liar,
    added,
    come,
    free_port,
    lying,
    switched_on,
    told,
    trusting,
)

OTHER = RSAKey.generate_key(2048, {"kid": "one", "use": "sig"})
Lie = Callable[[Liar], None]


def says(**claims: object) -> Lie:
    return lambda liar: liar.claims.update(claims)


def signs(key: RSAKey | OctKey, **header: str) -> Lie:
    def lie(liar: Liar) -> None:
        liar.signs_with = key
        liar.header = {"alg": "RS256", "kid": "one", **header}

    return lie


# Tokens


LIES = {
    "of another visit": says(nonce="another"),
    "of no visit": says(nonce=None),
    "for another application": says(aud="another"),
    "for several, and not for us": says(aud=["another", "third"]),
    "for several, asked by another": says(aud=[CLIENT["client_id"], "another"], azp="another"),
    "for several, asked by nobody": says(aud=[CLIENT["client_id"], "another"]),
    "for nobody": says(aud=None),
    "of another provider": says(iss="https://login.example.org"),
    "of no provider": says(iss=None),
    "expired": says(exp=1_000),
    "without an end": says(exp=None),
    "of the future": says(iat=9_999_999_999),
    "of nobody": says(sub=None),
    "of somebody with a name that is too long": says(sub="x" * 256),
    "signed by another key of the same name": signs(OTHER),
    "signed by a key that nobody knows": signs(OTHER, kid="two"),
    "signed with the shared secret": signs(OctKey.import_key(CLIENT["client_secret"]), alg="HS256"),
}


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
async def test_a_token_that_is_not_right_lets_nobody_in(
    school: Running, liar: Liar, lie: Lie
) -> None:
    way = await trusting(school, liar, await school.staff("ada"))
    lie(liar)
    visitor = school.visitor("en")
    reply = await told(school, liar, visitor, way)
    assert reply.status_code == 403
    assert "we let nobody in by it" in text_of(reply.text)
    assert "stemlokaal" not in visitor.cookies
    assert (await visitor.get("/classes")).status_code == 303


async def test_a_token_without_a_signature_lets_nobody_in(school: Running, liar: Liar) -> None:
    way = await trusting(school, liar, await school.staff("ada"))
    header, claims = "eyJhbGciOiJub25lIn0", "eyJzdWIiOiJhIn0"  # {"alg":"none"}, {"sub":"a"}
    for token in f"{header}.{claims}.", f"{header}.{claims}.AAAA", "no token", "":
        body = f'{{"access_token": "a", "token_type": "Bearer", "id_token": "{token}"}}'
        liar.replies = {"/token": (200, "", body)}
        reply = await told(school, liar, school.visitor(), way)
        assert reply.status_code == 403


async def test_what_is_told_when_asked_has_to_be_of_the_same_person(
    school: Running, liar: Liar
) -> None:
    administrator = await school.staff("ada", "en")
    liar.metadata = {"userinfo_endpoint": f"{liar.issuer}/userinfo"}
    address = await added(school, administrator, liar.issuer)
    for told_of, heading in ("another", "Not yet"), ("subject of a liar", "It works"):
        liar.replies = {"/userinfo": (200, "", f'{{"sub": "{told_of}"}}')}
        reply = await told(school, liar, administrator, f"{address}/trial")
        assert f"<h1>{heading}</h1>" in reply.text


async def test_new_keys_are_fetched_when_a_token_names_one(
    school: Running, provider: Certified
) -> None:
    form = {"role_claim": "eduperson_affiliation", "role_value": "employee"}
    way = await switched_on(school, provider, await school.staff("ada"), **form)
    await provider.new_keys()
    school.clock.go(minutes=2)
    reply = await come(provider, school.visitor(), way, "piet")
    assert reply.headers["location"] == "/classes"


async def test_keys_are_fetched_again_at_most_once_a_minute(school: Running, liar: Liar) -> None:
    way = await trusting(school, liar, await school.staff("ada"))
    liar.header = {"alg": "RS256", "kid": "unknown"}
    asked = liar.asked.count("/jwks")
    school.clock.go(minutes=2)
    for _ in range(3):
        assert (await told(school, liar, school.visitor(), way)).status_code == 403
    assert liar.asked.count("/jwks") == asked + 1
    school.clock.go(minutes=2)
    await told(school, liar, school.visitor(), way)
    assert liar.asked.count("/jwks") == asked + 2


async def test_a_key_that_the_provider_took_back_counts_for_an_hour_at_most(
    school: Running, liar: Liar
) -> None:
    way = await trusting(school, liar, await school.staff("ada"))
    liar.shown = [RSAKey.generate_key(2048, {"kid": "two", "use": "sig"})]
    school.clock.go(minutes=61)
    assert (await told(school, liar, school.visitor(), way)).status_code == 403


# The way back


def is_over(reply: httpx.Response) -> bool:
    return (reply.status_code, reply.headers["location"]) == (303, "/signin/over")


async def test_a_way_back_is_gone_once(school: Running, provider: Certified) -> None:
    form = {"role_claim": "eduperson_affiliation", "role_value": "employee"}
    way = await switched_on(school, provider, await school.staff("ada"), **form)
    piet = school.visitor()
    departing = await piet.get(way)
    back = await provider.sign_in(piet, departing.headers["location"], "piet")
    browser = piet.cookies["stemlokaal-way"]
    assert (await piet.get(back)).status_code == 303
    for visitor in piet, school.visitor():
        visitor.cookies.set("stemlokaal-way", browser)
        reply = await visitor.get(back)
        assert (is_over(reply), "set-cookie" in reply.headers) == (True, False)


async def test_a_code_is_taken_once_by_the_provider_too(
    school: Running, provider: Certified
) -> None:
    way = await switched_on(school, provider, await school.staff("ada"))
    thief, piet = school.visitor(), school.visitor()
    departing = await piet.get(way)
    back = await provider.sign_in(piet, departing.headers["location"], "piet")
    await piet.get(back)
    code = parse_qs(urlsplit(back).query)["code"][0]
    asked = parse_qs(urlsplit((await thief.get(way)).headers["location"]).query)
    brought = {"code": code, "state": asked["state"][0], "iss": provider.issuer}
    reply = await thief.get(asked["redirect_uri"][0], params=brought)
    assert reply.status_code == 403


async def test_a_state_of_another_browser_or_of_nobody_leads_nowhere(
    school: Running, liar: Liar
) -> None:
    way = await trusting(school, liar, await school.staff("ada"))
    victim, attacker = school.visitor(), school.visitor()
    departing = await attacker.get(way)
    asked = parse_qs(urlsplit(departing.headers["location"]).query)
    address = asked["redirect_uri"][0]
    await victim.get(way)
    for state in asked["state"][0], "0" * 32, "", "\x00":
        reply = await victim.get(address, params={"code": "a code", "state": state})
        assert reply.status_code == 400 or is_over(reply)
        assert (await victim.get("/classes")).status_code == 303
    assert is_over(await victim.get(address))
    assert liar.asked.count("/token") == 1  # of the trial


async def test_the_way_back_is_open_for_ten_minutes(school: Running, liar: Liar) -> None:
    way = await trusting(school, liar, await school.staff("ada"))
    visitor = school.visitor()
    asked = parse_qs(urlsplit((await visitor.get(way)).headers["location"]).query)
    school.clock.go(minutes=11)
    back = {"code": "a code", "state": asked["state"][0]}
    assert is_over(await visitor.get(asked["redirect_uri"][0], params=back))


async def test_the_way_back_of_one_school_is_not_taken_at_another_one(
    school: Running, liar: Liar
) -> None:
    way = await trusting(school, liar, await school.staff("ada"))
    visitor = school.visitor()
    asked = parse_qs(urlsplit((await visitor.get(way)).headers["location"]).query)
    other = f"/signin/return/{school.cast.other_school}"
    back = {"code": "a code", "state": asked["state"][0]}
    assert is_over(await visitor.get(other, params=back))


async def test_a_code_of_one_provider_is_not_brought_to_another_one(
    school: Running, liar: Liar
) -> None:
    way = await trusting(school, liar, await school.staff("ada"))
    asked = liar.asked.count("/token")
    reply = await told(school, liar, school.visitor(), way, iss="https://login.example.org")
    assert reply.status_code == 403
    assert liar.asked.count("/token") == asked


async def test_who_comes_back_without_signing_in_reads_so(school: Running, liar: Liar) -> None:
    way = await trusting(school, liar, await school.staff("ada"))
    reply = await told(school, liar, school.visitor("en"), way, code="", error="access_denied")
    assert (reply.status_code, "without being signed in there" in reply.text) == (403, True)
    assert "access_denied" not in reply.text


async def test_the_cookie_of_the_way_is_for_this_site_for_minutes_and_for_no_script(
    school: Running, liar: Liar
) -> None:
    way = await trusting(school, liar, await school.staff("ada"))
    cookie = (await school.visitor().get(way)).headers["set-cookie"].lower()
    for part in "httponly", "samesite=lax", "max-age=600", "path=/":
        assert part in cookie


async def test_what_is_kept_meanwhile_finishes_nothing(school: Running, liar: Liar) -> None:
    way = await trusting(school, liar, await school.staff("ada"))
    visitor = school.visitor()
    asked = parse_qs(urlsplit((await visitor.get(way)).headers["location"]).query)
    kept = await look(school, "select string_agg(s::text, ' ') from signing_in s")
    assert kept
    for secret in (asked["state"][0], asked["nonce"][0], visitor.cookies["stemlokaal-way"]):
        assert secret not in kept
        assert secret.encode().hex() not in kept


# A provider that is not there


async def test_a_provider_that_is_down_is_told_kindly_and_the_rest_goes_on(
    school: Running,
) -> None:
    async with lying() as liar:
        way = await trusting(school, liar, await school.staff("ada"))
    school.clock.go(hours=2)
    reply = await school.visitor("en").get(way)
    assert reply.status_code == 503
    assert "does not answer right now. That is no fault of yours" in text_of(reply.text)
    assert (await (await school.staff("ilse")).get("/classes")).status_code == 200


async def test_a_provider_that_dawdles_is_not_waited_for(
    school: Running, liar: Liar, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetching, "PATIENCE", 0.5)
    way = await trusting(school, liar, await school.staff("ada"))
    liar.slow = 5
    school.clock.go(hours=2)
    began = time.monotonic()
    assert (await school.visitor().get(way)).status_code == 503
    assert time.monotonic() - began < 3


DISCOVERY = "/.well-known/openid-configuration"


@pytest.mark.parametrize(
    "reply",
    [
        (302, "Location: http://127.0.0.1:1/\r\n", ""),
        (404, "", ""),
        (200, "", "no json"),
        (200, "", "[]"),
        (200, "", '{"issuer": "https://login.example.org"}'),
        (200, "", "[" + " " * fetching.LARGEST + "]"),
    ],
    ids=["elsewhere", "nothing", "no json", "a list", "half", "endless"],
)
async def test_what_is_no_provider_is_not_taken_for_one(
    school: Running, liar: Liar, reply: tuple[int, str, str]
) -> None:
    administrator = await school.staff("ada", "en")
    address = await added(school, administrator, liar.issuer)
    liar.replies = {DISCOVERY: reply}
    shown = await administrator.get(f"{address}/trial")
    assert "Something answers, but not as this provider" in text_of(shown.text)
    assert liar.asked == [DISCOVERY]


@pytest.mark.parametrize(
    "said",
    [
        {"issuer": "https://login.example.org"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"end_session_endpoint": "javascript:alert(1)"},
    ],
)
async def test_a_provider_that_is_not_what_it_was_asked_as_is_refused(
    school: Running, liar: Liar, said: dict[str, str]
) -> None:
    administrator = await school.staff("ada", "en")
    address = await added(school, administrator, liar.issuer)
    liar.metadata = said
    shown = await administrator.get(f"{address}/trial")
    assert "Something answers, but not as this provider" in text_of(shown.text)


# Where nobody of ours goes


@pytest.mark.parametrize(
    "address",
    [
        "https://127.0.0.1/",
        "https://localhost/",
        "https://10.1.2.3/",
        "https://192.168.1.1/",
        "https://172.16.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://100.64.0.1/",
        "https://0.0.0.0/",
        "https://224.0.0.1/",
        "https://[::1]/",
        "https://[::ffff:10.0.0.1]/",
        "https://[64:ff9b::a00:1]/",
        "https://[2002:a00:1::]/",
        "https://[fd00::1]/",
        "https://[fe80::1]/",
        "http://1.1.1.1/",
    ],
)
async def test_nobody_goes_to_a_private_address_or_without_tls(address: str) -> None:
    async with httpx2.AsyncClient(transport=fetching.Guarded(loopback=False)) as http:
        with pytest.raises(fetching.NotAllowed):
            await http.get(address)


async def test_in_tests_alone_this_machine_is_gone_to() -> None:
    for loopback, expected in (True, httpx2.ConnectError), (False, fetching.NotAllowed):
        async with httpx2.AsyncClient(transport=fetching.Guarded(loopback=loopback)) as http:
            with pytest.raises(expected):
                await http.get(f"http://127.0.0.1:{free_port()}/")


def test_a_public_address_is_gone_to() -> None:
    for address in "1.1.1.1", "2606:4700:4700::1111", "::ffff:1.1.1.1":
        assert fetching.is_public(ip_address(address))


def test_a_service_without_a_provider_does_without_the_libraries() -> None:
    """They take 0.1 s to read, at every start."""
    program = (
        "import sys; from service import __main__, app, settings; app.routes(settings.read({})); "
        "print({'authlib', 'joserfc', 'httpx2'} & set(sys.modules))"
    )
    told = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        check=True,
        text=True,
    )
    assert told.stdout == "set()\n"
