"""What stands nowhere in our code, and so cannot be misused: read out of the source itself."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from argon2 import extract_parameters
from argon2.low_level import Type

import service
import surveys
from service import rendering
from service.__main__ import parser
from tests.house import HASH, ZONE

HERE = Path(service.__file__).parent
OURS = sorted(
    path
    for package in (service, surveys)
    for path in Path(str(package.__file__)).parent.rglob("*.py")
)
SCRIPTS = sorted((HERE.parent / "static").glob("*.js"))
TEMPLATES = sorted((HERE / "templates").rglob("*.*"))


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Each call in a file, by the name that is called: `subprocess.run`."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def imported(path: Path) -> set[str]:
    """Modules, and names out of them, as they are imported."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        match node:
            case ast.Import(names=names):
                found |= {each.name for each in names}
            case ast.ImportFrom(module=str(module), names=names):
                found |= {module} | {f"{module}.{each.name}" for each in names}
    return found


def test_nothing_that_comes_in_is_run_or_unpacked_into_objects():
    """No code, no shell, no pickles, no XML; and so no LDAP, XPath or entities either."""
    forbidden = re.compile(r"(eval|exec|compile|__import__|os\.(system|popen|exec\w*)|runpy\.\w+)$")
    modules = re.compile(
        r"(pickle|marshal|shelve|dill|yaml|xml|lxml|ldap|ldap3|pylatex|memcache|pymemcache|jsonpickle)\b"
    )
    for path in OURS:
        for name, call in calls(path):
            assert not forbidden.match(name), f"{path.name}: {name}"
            shell = [word for word in call.keywords if word.arg == "shell"]
            assert not shell, f"{path.name}: a shell"
        assert not [name for name in imported(path) if modules.match(name)], path.name


def test_programs_are_started_by_us_alone_and_by_a_list_of_words():
    """PostgreSQL's own, by whoever runs the service; no page starts anything."""
    starting = re.compile(r"(subprocess\.\w+|\w*\.?create_subprocess_(exec|shell))$")
    starters = {path.name for path in OURS if any(starting.match(name) for name, _ in calls(path))}
    assert starters <= {"backing.py", "child.py", "embedded.py", "doctor_database.py"}
    for path in OURS:
        assert not [name for name, _ in calls(path) if name.endswith("subprocess_shell")]
    pages = {module for path in OURS if path.parent.name == "pages" for module in imported(path)}
    assert not [each for each in pages if each.split(".")[0] in ("subprocess", "os", "shutil")]


OUR_OWN_MARKUP = {"qr", "card.qr", "sheets"}  # drawings of our links, and pages of such cards


def test_templates_escape_all_that_they_are_given():
    environment = rendering.environment(ZONE)
    assert callable(environment.autoescape)
    for path in TEMPLATES:
        name = str(path.relative_to(HERE / "templates"))
        assert environment.autoescape(name) == (path.suffix == ".html"), name
    shown = environment.from_string('<p title="{{ x }}">{{ x }}</p>').render(x="<b>\"'&")
    assert "<b>" not in shown
    assert shown.count("&lt;b&gt;&#34;&#39;&amp;") == 2
    for path in TEMPLATES:
        text = path.read_text()
        assert "autoescape false" not in text
        assert set(re.findall(r"([\w.]+)\s*\|\s*safe\b", text)) <= OUR_OWN_MARKUP, path.name


def test_no_template_is_made_of_what_somebody_wrote():
    for path in OURS:
        assert not [name for name, _ in calls(path) if name.endswith("from_string")], path.name
        for name, call in calls(path):
            if name.endswith("get_template"):
                first = call.args[0]
                fixed = isinstance(first, ast.Constant | ast.Name | ast.JoinedStr)
                assert fixed, f"{path.name}: {ast.unparse(call)}"


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_write_words_and_never_markup_and_run_nothing(path: Path) -> None:
    text = path.read_text()
    for danger in (
        r"\beval\(",
        r"new Function",
        r"document\.write",
        r"\.innerHTML\s*\+?=",
        r"\.outerHTML\s*\+?=",
        r"insertAdjacentHTML",
        r"postMessage|onmessage",
        r"__proto__|\.prototype\b",
        r"setTimeout\(\s*[\"'`]",
        r"javascript:",
        r"importScripts",
    ):
        assert not re.search(danger, text), danger
    assert "http://" not in text.replace("http://www.w3.org/", "")
    assert "https://" not in text


KEEPING = re.compile(r"localStorage|sessionStorage|indexedDB|caches\.|document\.cookie")


def test_only_an_unsent_answer_is_kept_in_a_browser():
    """Staff pages leave nothing behind but the cookie of the session."""
    assert {path.name for path in SCRIPTS if KEEPING.search(path.read_text())} <= {"answer.js"}


PATTERN = re.compile(r"re\.(compile|match|fullmatch|search|sub|split|findall|finditer)")
NUMBER = "year"  # put into a pattern as a number, not as words


def test_patterns_are_ours_and_what_goes_into_one_is_escaped():
    for path in OURS:
        for name, call in calls(path):
            if not PATTERN.fullmatch(name):
                continue
            pattern = call.args[0]
            assert isinstance(pattern, ast.Constant | ast.JoinedStr | ast.Name), path.name
            for each in ast.walk(pattern):
                if isinstance(each, ast.FormattedValue):
                    part = ast.unparse(each.value)
                    ours = part.isupper() or part.startswith("re.escape(") or part == NUMBER
                    assert ours, f"{path.name}: {ast.unparse(call)}"


def test_hashes_are_strong_and_chance_cannot_be_guessed():
    weak = re.compile(r"(hashlib\.)?(md5|sha1|new)$")
    chance = {"uuid.uuid1", "uuid1", "random.seed"}
    for path in OURS:
        for name, _ in calls(path):
            assert not (weak.match(name) and "hashlib" in name), f"{path.name}: {name}"
            assert name not in chance, f"{path.name}: {name}"
        taken = {name for name in imported(path) if name.startswith("random.")}
        assert taken <= {"random.Random", "random.SystemRandom"}, path.name
        demo = path.name == "simulating.py"  # whose students answer by chance
        assert "random" not in imported(path) - taken or taken or demo, path.name
    started = (HERE / "__main__.py").read_text()
    assert started.count("entropy=SystemRandom()") == started.count("entropy=")
    assert parser()


def test_what_is_locked_is_locked_by_libraries_that_many_look_at():
    """libsodium (X25519, authenticated), argon2, HMAC with SHA-256: no cipher of our own making."""
    used = {
        name.split(".")[0]
        for path in OURS
        for name in imported(path)
        if name.split(".")[0]
        in ("nacl", "argon2", "hashlib", "hmac", "ssl", "Crypto", "cryptography", "rsa", "joserfc")
    }
    assert used <= {"nacl", "argon2", "hashlib", "hmac", "ssl", "joserfc", "cryptography"}
    boxes = {name for path in OURS for name in imported(path) if name.startswith("nacl.")}
    assert boxes <= {
        "nacl.exceptions",
        "nacl.exceptions.CryptoError",
        "nacl.public",
        "nacl.public.PrivateKey",
        "nacl.public.PublicKey",
        "nacl.public.SealedBox",
        "nacl.secret",
        "nacl.secret.SecretBox",
        "nacl.utils",
        "nacl.encoding",
    }


def test_passwords_are_hashed_as_owasp_says():
    """argon2id with at least 19 MiB and two passes."""
    found = extract_parameters(HASH)
    assert found.type is Type.ID
    assert found.memory_cost >= 19 * 1024
    assert found.time_cost >= 2
    assert (found.salt_len, found.hash_len) == (16, 32)


def test_only_known_modules_speak_to_another_machine():
    """To the school's mail server and to a provider that signs people in. The database is spoken
    to by a pool that pages are handed."""
    speaking = re.compile(
        r"(smtplib|httpx2?|requests|urllib\.request|socket|aiohttp|authlib|http\.client)\b"
    )
    callers = {path for path in OURS if any(map(speaking.match, imported(path)))}
    assert not [path.name for path in callers if path.parent.name in ("pages", "storage")]
    assert {path.name for path in callers} <= {
        "mail.py",
        "fetching.py",
        "oidc_wire.py",
        "conduit.py",  # to the database, for its own programs
        "doctor_network.py",
        "simulating.py",  # a demo's students, at its own address
        "starting.py",  # whether a port is free
    }
