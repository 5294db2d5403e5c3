"""What is stored of an answer: sealed for a key that a keeper made, and tied to nobody."""

from uuid import UUID

import asyncpg
import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.public import PrivateKey, SealedBox

from service import opening, sealing
from service.doors import Doors
from service.sealing import NONCE_BYTES, ForgedKey, Pepper, Seal, seal_of
from service.storage import tenancy
from surveys.answers import Answers, unpack
from surveys.instrument import library
from surveys.rounds import Round
from tests.ballots import NEGATIVE, POSITIVE, Ballots
from tests.house import PEPPER
from tests.surveys.examples import answers_to

LESFEEDBACK = library()["lesfeedback"]
SCHOOL, ROUND, OTHER_ROUND = UUID(int=1), UUID(int=2), UUID(int=3)
KEY = PrivateKey.generate()
SEAL = Seal(SCHOOL, ROUND, bytes(KEY.public_key), PEPPER, LESFEEDBACK)
ONE_PAGE, ANOTHER_PAGE = b"p" * 16, b"q" * 16


# One length, tied to nobody


@given(answers_to(LESFEEDBACK), answers_to(LESFEEDBACK))
def test_the_length_of_an_envelope_tells_nothing(one: Answers, other: Answers) -> None:
    sealed = [SEAL.envelope(each, ONE_PAGE).sealed for each in (one, other)]
    assert len(sealed[0]) == len(sealed[1])


@given(answers_to(LESFEEDBACK))
def test_the_keeper_reads_what_the_student_wrote(answers: Answers) -> None:
    sealed = SEAL.envelope(answers, ONE_PAGE).sealed
    body = SealedBox(KEY).decrypt(sealed)
    assert unpack(LESFEEDBACK, body[NONCE_BYTES:]) == answers


def test_only_an_envelope_made_with_the_pepper_is_genuine() -> None:
    envelope = SEAL.envelope(POSITIVE, ONE_PAGE)
    body = SealedBox(KEY).decrypt(envelope.sealed)
    assert PEPPER.is_genuine(ROUND, envelope.receipt, body)
    assert not PEPPER.is_genuine(ROUND, bytes(32), body)
    assert not PEPPER.is_genuine(SCHOOL, envelope.receipt, body)
    assert not Pepper(bytes(32)).is_genuine(ROUND, envelope.receipt, body)


def test_the_same_answers_are_never_sealed_alike() -> None:
    sealed = {SEAL.envelope(POSITIVE, ONE_PAGE).sealed for _ in range(50)}
    assert len(sealed) == 50


def test_an_envelope_names_its_school_and_round_and_nobody() -> None:
    envelope = SEAL.envelope(POSITIVE, ONE_PAGE)
    assert envelope.__struct_fields__ == ("school_id", "round_id", "ballot", "receipt", "sealed")
    assert (envelope.school_id, envelope.round_id) == (SCHOOL, ROUND)
    assert ONE_PAGE not in envelope.ballot + envelope.receipt + envelope.sealed


# Ballots and receipts


def test_a_page_sent_again_is_the_same_ballot_with_the_same_receipt() -> None:
    first, again = (SEAL.envelope(each, ONE_PAGE) for each in (POSITIVE, NEGATIVE))
    assert (first.ballot, first.receipt) == (again.ballot, again.receipt)


def test_another_page_is_another_ballot() -> None:
    one = SEAL.envelope(POSITIVE, ONE_PAGE)
    other = SEAL.envelope(POSITIVE, ANOTHER_PAGE)
    assert one.ballot != other.ballot
    assert one.receipt != other.receipt


def test_a_card_is_one_ballot_whatever_page_it_is_used_on() -> None:
    one = SEAL.envelope(POSITIVE, ONE_PAGE, ticket="ABCDE12345")
    other = SEAL.envelope(POSITIVE, ANOTHER_PAGE, ticket="ABCDE12345")
    assert one.ballot == other.ballot
    assert one.receipt != other.receipt
    assert one.ballot != SEAL.envelope(POSITIVE, ONE_PAGE, ticket="ABCDE12346").ballot


def test_rounds_cannot_be_linked_by_their_ballots() -> None:
    elsewhere = Seal(SCHOOL, OTHER_ROUND, SEAL.public_key, PEPPER, LESFEEDBACK)
    for ticket in "", "ABCDE12345":
        here = SEAL.envelope(POSITIVE, ONE_PAGE, ticket)
        there = elsewhere.envelope(POSITIVE, ONE_PAGE, ticket)
        assert here.ballot != there.ballot
        assert here.receipt != there.receipt


@given(st.lists(st.binary(max_size=20), min_size=2, max_size=6))
def test_what_an_hmac_is_of_cannot_be_cut_in_another_way(parts: list[bytes]) -> None:
    whole, (first, second, *rest) = PEPPER.hash(b"code", *parts), parts
    assert whole == PEPPER.hash(b"code", *parts)
    assert whole != PEPPER.hash(b"ballot", *parts)
    assert whole != PEPPER.hash(b"code", first + second, *rest)
    assert whole != Pepper(bytes(32)).hash(b"code", *parts)


# No key but a keeper's


@pytest.mark.parametrize(
    "mac",
    [
        PEPPER.of_stock_key(SEAL.public_key),
        PEPPER.of_round_key(OTHER_ROUND, SEAL.public_key),
        Pepper(bytes(32)).of_round_key(ROUND, SEAL.public_key),
        b"",
        bytes(32),
    ],
)
def test_nothing_is_sealed_for_a_key_that_was_not_bound_to_this_round(mac: bytes) -> None:
    with pytest.raises(ForgedKey):
        seal_of(PEPPER, SCHOOL, ROUND, SEAL.public_key, mac, LESFEEDBACK)


async def test_a_key_that_was_slipped_into_the_stock_opens_no_round(ballots: Ballots) -> None:
    forged = bytes(PrivateKey.generate().public_key)
    await ballots.look.execute(
        "insert into key_stock (public_key, mac, keeper) values ($1, $2, $3)",
        forged,
        bytes(32),
        ballots.keeper.number,
    )
    with pytest.raises(ForgedKey):
        await ballots.open_round()
    assert await ballots.look.fetchval("select count(*) from round") == 0


async def test_a_key_of_the_stock_is_bound_to_one_round_and_no_other(ballots: Ballots) -> None:
    one, other = await ballots.open_round(), await ballots.open_round()
    await ballots.look.execute(
        """
        update round
        set (public_key, key_mac) =
            (select public_key, key_mac from round where round_id = $2)
        where round_id = $1
        """,
        one.round_id,
        other.round_id,
    )
    await refused_by_the_door(ballots, one)


async def test_a_key_that_was_slipped_into_a_round_gets_no_answer(ballots: Ballots) -> None:
    round = await ballots.open_round()
    forged = bytes(PrivateKey.generate().public_key)
    await ballots.look.execute(
        "update round set public_key = $2 where round_id = $1", round.round_id, forged
    )
    await refused_by_the_door(ballots, round)


async def refused_by_the_door(ballots: Ballots, round: Round) -> None:
    with pytest.raises(ForgedKey):
        await Doors(ballots.house.pool, PEPPER, ballots.clock).behind(round.code)


async def test_a_stock_that_ran_out_opens_no_round(ballots: Ballots) -> None:
    async with tenancy.school(ballots.house.pool, ballots.school_id) as connection:
        with pytest.raises(opening.NoKeyReady):
            await opening.new_key(ballots.house, connection)


async def test_a_key_of_the_stock_is_used_once(ballots: Ballots) -> None:
    for _ in range(3):
        await ballots.open_round()
    keys = await ballots.look.fetch(
        "select public_key from round union all select public_key from key_stock"
    )
    assert len({row["public_key"] for row in keys}) == len(keys) == ballots.keeper.stock


async def test_codes_and_cards_are_kept_as_hmacs_that_open_nothing(ballots: Ballots) -> None:
    round = await ballots.open_round()
    hashes = await ballots.look.fetch("select code_hash from code")
    assert PEPPER.of_code(round.code) in {row["code_hash"] for row in hashes}
    assert Pepper(bytes(32)).of_code(round.code) not in {row["code_hash"] for row in hashes}


# What people type


def test_symbols_have_no_look_alikes() -> None:
    assert len(sealing.ALPHABET) == len(set(sealing.ALPHABET)) == 31
    assert not set("OILSU") & set(sealing.ALPHABET)


@given(st.text(sealing.ALPHABET, min_size=8, max_size=10))
def test_a_code_is_understood_however_it_is_typed(code: str) -> None:
    typed = sealing.in_groups(code).lower().replace("0", "o").replace("1", "l").replace(" ", " - ")
    assert sealing.forgiven(f" {typed}\n") == code
    assert sealing.forgiven(code) == code


async def test_two_rounds_never_share_a_code(
    ballots: Ballots, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = await ballots.open_round()
    chosen = iter([first.code, first.code, "22222222"])
    monkeypatch.setattr(sealing, "new_symbols", lambda *_: next(chosen))
    assert (await ballots.open_round()).code == "22222222"


async def test_the_database_refuses_half_a_ballot(ballots: Ballots) -> None:
    round = await ballots.open_round()
    (whole,) = await ballots.envelopes(round, [POSITIVE])
    with pytest.raises(asyncpg.CheckViolationError):
        await ballots.look.execute(
            "insert into envelope values ($1, $2, $3, $4, $5)",
            whole.school_id,
            whole.round_id,
            whole.ballot[:16],
            whole.receipt,
            whole.sealed,
        )
