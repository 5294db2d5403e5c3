"""One visitor of one role who asks for anything, in any order, and never sees a page that broke.

Schemathesis makes the requests out of the service's OpenAPI: as forms stand, and with any words.
Its own state machine follows links that OpenAPI can say: a field of a JSON reply. Ours stand in
pages, as addresses, redirects and forms with what was chosen before; so the steps are Hypothesis'
own, and every page that is read adds to what the next step knows.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from random import Random
from typing import Any, TypeVar

import requests
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.errors import FlakyStrategyDefinition
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test
from msgspec import Struct, field
from msgspec.structs import replace
from schemathesis import Case
from schemathesis.checks import not_a_server_error

from service import headers
from tests.fuzzing.forms import FormSeen, Schema, addresses_of, forms_of
from tests.fuzzing.operations import ENDLESS, Operation, operation_of, schema

Kept = TypeVar("Kept")

STEPS = 40  # of one visit
SEEDS = st.integers(0, 2**32)
"""What is picked out of what was seen depends on the service; Hypothesis draws none of it itself,
or it would find the same draws end differently."""

NOBODYS = "00000000-0000-4000-8000-000000000007"
ID = re.compile(r"/([\w/-]+?)/([0-9a-f]{8}-[0-9a-f-]{27})\b")
TOKEN = re.compile(r"/(?:invitations|visit|screen|board)/(\w{20,64})\b")
STAYS_OUT = {"/signout", "/account/sessions/end", "/account/deletion", "/account/password"}
"""Whoever has left comes back before the next step, which costs a password each time; and by
another one they do not."""


class Played(Struct):
    """What a visitor is, knows by now, and has done."""

    role: str
    url: str
    known: Sequence[Operation]
    forms: Mapping[Operation, FormSeen]
    cookies: Callable[[], dict[str, str]]
    ids: defaultdict[str, list[str]]
    foreign: re.Pattern[str]
    pages: list[str] = field(default_factory=list)
    seen: list[FormSeen] = field(default_factory=list)
    made: Counter[tuple[Operation, int]] = field(default_factory=Counter)
    others: Counter[int] = field(default_factory=Counter)
    broken: list[str] = field(default_factory=list)

    @property
    def cases(self) -> int:
        """Requests that Schemathesis made."""
        return self.made.total()


def play(played: Played, cases: int) -> None:
    """In a thread of its own: requests of Schemathesis wait for their reply.

    Nothing is lived through twice, so it does not matter that Schemathesis now and then draws
    another way from the same choices. What broke is kept, lest such a complaint hides it.
    """
    machine = visit_of(played)
    while played.cases < cases and not played.broken:
        with suppress(FlakyStrategyDefinition):
            run_state_machine_as_test(machine, settings=visiting(max(10, cases // STEPS)))


def visiting(visits: int) -> settings:
    return settings(
        max_examples=visits,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        phases=[Phase.generate],  # what a service has lived through cannot be lived through again
        suppress_health_check=list(HealthCheck),
    )


def visit_of(played: Played) -> type[RuleBasedStateMachine]:
    known = [each for each in played.known if not each.path.endswith(ENDLESS)]
    right, wrong = (
        cases(schema(played.known, {each: change(form) for each, form in played.forms.items()}))
        for change in (as_it_stands, loosened)
    )
    ordinary = [each for each in known if each.path not in STAYS_OUT]
    leaving = [each for each in known if each.path in STAYS_OUT]

    class Visit(RuleBasedStateMachine):
        def __init__(self) -> None:
            super().__init__()
            self.session = requests.Session()
            self.session.cookies.update(played.cookies())

        def teardown(self) -> None:
            self.session.close()

        @rule(data=st.data(), seed=SEEDS)
        def ask(self, data: st.DataObject, seed: int) -> None:
            """Anything, of anybody's, in a form that is described."""
            operation = data.draw(st.sampled_from(ordinary))
            self.sent(operation, data.draw(right(operation)), Random(seed))

        @rule(data=st.data(), seed=SEEDS)
        def ask_wrongly(self, data: st.DataObject, seed: int) -> None:
            operation = data.draw(st.sampled_from(ordinary))
            self.sent(operation, data.draw(wrong(operation)), Random(seed))

        @rule(data=st.data(), seed=SEEDS)
        def leave(self, data: st.DataObject, seed: int) -> None:
            operation = data.draw(st.sampled_from(leaving))
            case = data.draw(right(operation))
            if seed % 10 == 0:
                self.sent(operation, case, Random(seed))
                self.session.cookies.update(played.cookies())

        @rule(seed=SEEDS)
        def follow(self, seed: int) -> None:
            """A link on a page that was read."""
            if played.pages:
                address = Random(seed).choice(played.pages)
                self.looked_at("GET", address, self.get(address))

        @rule(seed=SEEDS, written=st.text(max_size=400))
        def fill_in(self, seed: int, written: str) -> None:
            """A form as it stood on a page, with what was hidden in it; some of it changed."""
            random = Random(seed)
            form = random.choice(played.seen or [FormSeen("/signout", False, {})])
            if form.action in STAYS_OUT:
                return
            filled = {
                name: value_for(described, written, random)
                for name, described in form.fields.items()
                if name != "language" or random.random() < 0.2
            }
            reply = self.session.post(
                played.url + form.action,
                **in_parts(filled) if form.files else {"data": encodable(filled)},
                allow_redirects=False,
                timeout=30,
            )
            self.looked_at("POST", form.action, reply)

        def sent(self, operation: Operation, case: Case, random: Random) -> None:
            for name in re.findall(r"\{(\w+)\}", operation.path):
                case.path_parameters[name] = id_for(played, name, random)
            reply = case.call(played.url, session=self.session, allow_redirects=False, timeout=30)
            held = {name: values[0] for name, values in reply.headers.items()}
            self.checked(f"{case.method} {case.path}", reply.status_code, held, reply.content)
            case.validate_response(reply, checks=[not_a_server_error])
            played.made[operation, reply.status_code] += 1
            self.learn(case.formatted_path, held.get("location", ""), reply.content)

        def get(self, address: str) -> requests.Response:
            return self.session.get(played.url + address, allow_redirects=False, timeout=30)

        def looked_at(self, method: str, address: str, reply: requests.Response) -> None:
            held = {name.lower(): value for name, value in reply.headers.items()}
            self.checked(f"{method} {address}", reply.status_code, held, reply.content)
            played.others[reply.status_code] += 1
            self.learn(address, held.get("location", ""), reply.content)

        def checked(self, where: str, status: int, held: dict[str, str], body: bytes) -> None:
            try:
                self.check(where, status, held, body)
            except AssertionError as error:
                played.broken.append(str(error))
                raise

        def check(self, where: str, status: int, held: dict[str, str], body: bytes) -> None:
            where = f"{played.role}: {where} -> {status}"
            assert len(body) < 2_000_000, f"{where}: {len(body)} bytes"
            assert status < 500, where
            assert not body or "content-type" in held, where
            for name, value in headers.SHELL.items():
                assert name.lower() in held, f"{where}: no {name}"
                if name.startswith(("X-", "Cross-", "Permissions")):
                    assert held[name.lower()] == value, where
            assert "default-src 'none'" in held["content-security-policy"], where
            assert "frame-ancestors 'none'" in held["content-security-policy"], where
            if "immutable" not in held["cache-control"]:
                assert held["cache-control"] == "no-store", where
            told = played.foreign.search(body.decode(errors="replace"))
            public = re.search(r" /(talk|help)/", where)  # of any school, or of one made up
            assert told is None or public, f"{where}: {told}"

        def learn(self, address: str, location: str, body: bytes) -> None:
            html = body.decode(errors="replace")
            for path, id in ID.findall(f"{location} {html}"):
                keep(played.ids[name_of(path)], id)
            for token in TOKEN.findall(html):
                keep(played.ids["token"], token)
            for page in {*addresses_of(html), *filter(None, [location])}:
                if operation_of(page, "GET", played.known) and not page.endswith(ENDLESS):
                    keep(played.pages, page)
            if "<form" in html:
                for form in forms_of(html, address):
                    if operation_of(form.action, "POST", played.known):
                        keep(played.seen, form)

    return Visit


def cases(described: Schema) -> Callable[[Operation], st.SearchStrategy[Case]]:
    loaded = schemathesis.openapi.from_dict(described)
    return lambda each: loaded[each.path][each.method].as_strategy()


def as_it_stands(form: FormSeen) -> FormSeen:
    return form


def loosened(form: FormSeen) -> FormSeen:
    """Any words in any field. A form carries nothing but words; what Schemathesis makes itself of
    a form turned wrong, lists in lists, comes out as words as well, and takes seconds to draw."""
    any_words = {"type": "string", "maxLength": 400}
    return replace(form, fields=dict.fromkeys(form.fields, any_words))


def id_for(played: Played, name: str, random: Random) -> str:
    """Mostly a real one, of one's own school or of the other; sometimes nobody's, or no id."""
    if played.ids[name] and random.random() < 0.8:
        return random.choice(played.ids[name])
    return random.choice(NO_IDS)


def value_for(described: Mapping[str, Any], written: str, random: Random) -> str:
    match described:
        case {"enum": [*given]}:
            return str(random.choice(given))
        case {"anyOf": [{"enum": [*given]}, _]}:
            return str(random.choice([*given, written]))
        case {"format": "binary"}:
            return random.choice([*FILES, written])
    return written


NO_IDS = [NOBODYS, "x", "new", "0" * 32, "%00", "..", "é", "a b", "-1", "{x}", "\u202e", "a" * 300]
FILES = [
    "sourcedId,status\n1,active\n",
    'key = "x"\nversion = 1\n',
    "class;year\n1A;1\n",
    "PK\x03\x04",
]


def in_parts(filled: Mapping[str, str]) -> dict[str, Any]:
    return {"files": {name: ("a.csv", text) for name, text in encodable(filled).items()}}


def encodable(filled: Mapping[str, str]) -> dict[str, bytes]:
    return {name: text.encode(errors="ignore") for name, text in filled.items()}


def keep(some: list[Kept], new: Kept, most: int = 60) -> None:
    """The newest: what was lived through last is what can be gone on with."""
    if new not in some:
        some.append(new)
        del some[:-most]


NAMES = {
    "rounds": "round_id",
    "surveys": "survey_id",
    "shared": "survey_id",
    "classes": "group_id",
    "school/groups": "group_id",
    "boards": "board_id",
    "waves": "wave_id",
    "school/people": "account_id",
    "school/invitations": "invitation_id",
    "school/outside": "governing_id",
    "talk": "school_id",
    "talks": "request_id",
}


def name_of(path: str) -> str:
    return NAMES.get(path, path)
