"""The environment becomes Settings, or stops the start and says which variable is wrong."""

import os
from pathlib import Path

import pytest

from service import settings
from service.settings import WrongSetting, read

AN_OWN_DATABASE = "postgresql://stem:secret@db.example.org/stemlokaal?sslmode=verify-full"


def test_with_nothing_set_everything_has_a_place_of_its_own():
    found = read({})
    assert (found.url, found.host, found.port) == ("http://127.0.0.1:8400", "127.0.0.1", 8400)
    assert found.database is None
    home = found.data.parent
    assert (found.keys, found.pepper) == ((home / "keys",), home / "pepper")
    assert found.zone.key == "Europe/Amsterdam"
    assert not found.demo


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user's home is always its own")
def test_root_keeps_data_where_the_databases_user_may_go():
    assert read({}).data.is_relative_to("/var/lib/stemlokaal")


def test_an_ordinary_user_keeps_data_at_home(monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert read({}).data == settings.HOME.expanduser() / "data"


def test_the_demo_never_touches_a_schools_own_data_or_database():
    found = read({"STEMLOKAAL_DATABASE": AN_OWN_DATABASE}, demo=True)
    assert found.demo
    assert found.database is None
    own = read({})
    assert not {found.data, found.pepper, *found.keys} & {own.data, own.pepper, *own.keys}


def test_what_opens_answers_stays_beside_data_that_was_given_a_place():
    found = read({"STEMLOKAAL_DATA": "/srv/stem/data"})
    assert (found.keys, found.pepper) == ((Path("/srv/stem/keys"),), Path("/srv/stem/pepper"))


def test_everything_may_be_set():
    found = read(
        {
            "STEMLOKAAL_DATA": "/srv/data",
            "STEMLOKAAL_KEYS": "/disk1/keys:/disk2/keys",
            "STEMLOKAAL_PEPPER": "/srv/pepper",
            "STEMLOKAAL_DATABASE": AN_OWN_DATABASE,
            "STEMLOKAAL_HOST": "192.0.2.7",
            "STEMLOKAAL_PORT": "8080",
            "STEMLOKAAL_URL": "https://stem.example.org/",
            "STEMLOKAAL_TIMEZONE": "America/Paramaribo",
        }
    )
    assert found.keys == (Path("/disk1/keys"), Path("/disk2/keys"))
    assert found.database == AN_OWN_DATABASE
    assert (found.host, found.port) == ("192.0.2.7", 8080)
    assert (found.url, found.address) == ("https://stem.example.org", "stem.example.org")
    assert found.zone.key == "America/Paramaribo"


@pytest.mark.parametrize(
    ("address", "secure"), [("https://stem.example.org", True), ("http://127.0.0.1:8400", False)]
)
def test_cookies_are_for_tls_alone_where_there_is_tls(address, secure):
    assert read({"STEMLOKAAL_URL": address}).secure is secure


@pytest.mark.parametrize("name", ["STEMLOKAAL_URL", "STEMLOKAAL_HOST"])
def test_no_answer_travels_in_the_clear(name):
    value = {"STEMLOKAAL_URL": "http://stem.example.org", "STEMLOKAAL_HOST": "0.0.0.0"}[name]
    with pytest.raises(WrongSetting, match="https://"):
        read({name: value})
    assert read({name: value}, demo=True)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("STEMLOKAAL_DATA", "data"),
        ("STEMLOKAAL_DATA", ""),
        ("STEMLOKAAL_KEYS", "keys"),
        ("STEMLOKAAL_KEYS", "/disk1/keys:keys"),
        ("STEMLOKAAL_KEYS", ""),
        ("STEMLOKAAL_PEPPER", "pepper"),
        ("STEMLOKAAL_PORT", "http"),
        ("STEMLOKAAL_PORT", "0"),
        ("STEMLOKAAL_PORT", "65536"),
        ("STEMLOKAAL_PORT", "-1"),
        ("STEMLOKAAL_PORT", "9" * 5000),
        ("STEMLOKAAL_URL", "stem.example.org"),
        ("STEMLOKAAL_URL", "ftp://stem.example.org"),
        ("STEMLOKAAL_URL", "https://"),
        ("STEMLOKAAL_URL", "https://stem.example.org/school"),
        ("STEMLOKAAL_URL", "https://stem.example.org/?school=1"),
        ("STEMLOKAAL_URL", "https://stem.example.org#top"),
        ("STEMLOKAAL_URL", "https://[stem"),
        ("STEMLOKAAL_URL", "https://stem.example.org:http"),
        ("STEMLOKAAL_DATABASE", ""),
        ("STEMLOKAAL_DATABASE", "mysql://db.example.org/stemlokaal"),
        ("STEMLOKAAL_TIMEZONE", "Europe/Middelburg"),
        ("STEMLOKAAL_TIMEZONE", "../etc/passwd"),
        ("STEMLOKAAL_TIMEZONE", ""),
    ],
)
def test_a_wrong_value_is_refused_by_the_name_of_its_variable(name, value):
    with pytest.raises(WrongSetting, match=f"^{name}\\b"):
        read({name: value})


def test_a_wrong_address_of_a_database_is_not_repeated_it_may_hold_a_password():
    with pytest.raises(WrongSetting) as refusal:
        read({"STEMLOKAAL_DATABASE": "mysql://stem:secret@db.example.org"})
    assert "secret" not in str(refusal.value)


@pytest.mark.parametrize("inside", ["/srv/data/keys", "/srv/data/../data/keys", "/srv/data"])
def test_what_opens_answers_is_never_among_the_data_that_is_copied(inside):
    for name in "STEMLOKAAL_KEYS", "STEMLOKAAL_PEPPER":
        with pytest.raises(WrongSetting, match=f"^{name} is inside STEMLOKAAL_DATA"):
            read({"STEMLOKAAL_DATA": "/srv/data", name: inside})


HERE = "postgresql://stem:secret"
ELSEWHERE = (
    "@db.example.org/stemlokaal",
    "@db.example.org:5432/stemlokaal?sslmode=prefer",
    "@db.example.org/stemlokaal?sslmode=allow",
    "@db.example.org/stemlokaal?sslmode=require",  # TLS with anybody
    "@db.example.org/stemlokaal?sslmode=verify-full&sslmode=prefer",  # the last one counts
    "@127.0.0.1,db.example.org:5433/stemlokaal",
    "@/stemlokaal?host=127.0.0.1,db.example.org",
    "@[2001:db8::1]:5432/stemlokaal",
)


@pytest.mark.parametrize("rest", ELSEWHERE)
def test_nothing_goes_to_a_database_elsewhere_in_the_clear_unless_that_is_said(rest):
    with pytest.raises(WrongSetting, match=r"^STEMLOKAAL_DATABASE .*sslmode=verify-full") as said:
        read({"STEMLOKAAL_DATABASE": HERE + rest})
    assert "secret" not in str(said.value)
    address = f"{HERE}{rest}{'&' if '?' in rest else '?'}sslmode="
    for mode in "verify-full", "verify-ca", "disable":
        assert read({"STEMLOKAAL_DATABASE": address + mode}).database == address + mode


@pytest.mark.parametrize(
    "rest",
    [
        "@localhost/stemlokaal",
        "@127.0.0.1:5433/stemlokaal",
        "@[::1]:5432/stemlokaal",
        "@/stemlokaal",
        "@/stemlokaal?host=/run/postgresql",
        "@%2Frun%2Fpostgresql/stemlokaal",
    ],
)
def test_on_this_machine_there_is_no_wire(rest):
    assert read({"STEMLOKAAL_DATABASE": HERE + rest}).database == HERE + rest


def test_no_other_variable_sends_us_elsewhere():
    given = {"STEMLOKAAL_DATABASE": f"{HERE}@/stemlokaal", "PGHOST": "db.example.org"}
    with pytest.raises(WrongSetting, match=r"^STEMLOKAAL_DATABASE .*PGHOST"):
        read(given)


def test_an_address_of_a_database_that_cannot_be_read_is_refused():
    with pytest.raises(WrongSetting, match=r"^STEMLOKAAL_DATABASE"):
        read({"STEMLOKAAL_DATABASE": "postgresql://[stem/stemlokaal"})


@pytest.mark.parametrize("scheme", ["smtp", "smtps", "smtp+plain"])
def test_a_mail_server_is_spoken_to_in_one_of_three_ways(scheme):
    given = {"STEMLOKAAL_MAIL_FROM": "stem@school.nl"}
    address = f"{scheme}://user:password@mail.school.nl:587"
    assert read({**given, "STEMLOKAAL_SMTP": address}).smtp == address
    with pytest.raises(WrongSetting, match="STEMLOKAAL_SMTP"):
        read({**given, "STEMLOKAAL_SMTP": address.replace("smtp", "http", 1)})


def test_a_link_into_the_data_is_seen_through(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "data")
    environment = {
        "STEMLOKAAL_DATA": str(tmp_path / "data"),
        "STEMLOKAAL_KEYS": f"{tmp_path}/elsewhere:{tmp_path}/link/keys",
    }
    with pytest.raises(WrongSetting, match=r"^STEMLOKAAL_KEYS is inside"):
        read(environment)


def test_proxies_are_addresses_or_networks():
    given = {"STEMLOKAAL_TRUSTED_PROXIES": "10.0.0.2, 10.1.0.0/24 ::1"}
    assert read(given).proxies == ("10.0.0.2", "10.1.0.0/24", "::1")
    with pytest.raises(WrongSetting, match="STEMLOKAAL_TRUSTED_PROXIES"):
        read({"STEMLOKAAL_TRUSTED_PROXIES": "everybody"})


def test_what_holds_a_password_may_stand_in_a_file(tmp_path):
    (tmp_path / "address").write_text(AN_OWN_DATABASE + "\n")
    given = {"STEMLOKAAL_DATABASE_FILE": str(tmp_path / "address")}
    assert read(given).database == AN_OWN_DATABASE
    with pytest.raises(WrongSetting, match="both set"):
        read({**given, "STEMLOKAAL_DATABASE": AN_OWN_DATABASE})
    with pytest.raises(WrongSetting, match="STEMLOKAAL_SMTP_FILE"):
        read({"STEMLOKAAL_SMTP_FILE": str(tmp_path / "nothing")})


def test_a_mail_server_that_is_set_to_nothing_is_none():
    assert read({"STEMLOKAAL_SMTP": ""}).smtp is None
