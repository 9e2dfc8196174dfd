from base64 import b64encode
from collections.abc import Mapping
from pathlib import Path

import pytest
from pydantic import Field, SecretStr

from shared.settings import CommonSettings, SettingsError, load, secret_fields

MASTER_KEY = b64encode(bytes(number * number % 251 for number in range(32))).decode()
GOOD = {
    "FORLOEB_KAFKA": "127.0.0.1:9092,[::1]:9093,kafka.internal:9092",
    "FORLOEB_MONGODB": "mongodb://127.0.0.1:27017",
    "FORLOEB_MASTER_KEY": MASTER_KEY,
    "FORLOEB_LINK_SECRET": "q8Zr2LwX5vTn9KdJ3hGbY7mPcF4sRaVe",
    "FORLOEB_STAFF_TOKEN": "uH6yN1oWk3zQ8xCjB5tMvE9pLgD2fSrA",
}


PROJECT = Path(__file__).resolve().parents[2]
EXAMPLES = sorted({*PROJECT.glob("*example*"), *PROJECT.glob(".*.example"), *(PROJECT / "deploy").rglob("*example*")})


class ExampleSettings(CommonSettings):
    """As a service has them."""

    intake_port: int = Field(8000, ge=1, le=65535, description="Port.")
    intake_api_token: SecretStr | None = Field(None, description="Token of trusted callers.")


def faults(environment: Mapping[str, str], settings: type[CommonSettings] = ExampleSettings) -> list[str]:
    with pytest.raises(SettingsError) as caught:
        load(settings, environment)
    return str(caught.value).splitlines()


def test_good_settings_are_read() -> None:
    """Values come out typed; what is not given has its default."""
    loaded = load(ExampleSettings, GOOD | {"FORLOEB_INTAKE_PORT": "8123", "FORLOEB_KAFKA_REPLICATION": "3"})
    assert (loaded.intake_port, loaded.kafka_replication, loaded.log_level) == (8123, 3, "info")
    assert loaded.master_key.get_secret_value() == MASTER_KEY


def test_only_the_given_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the process's own environment says does not mix in."""
    monkeypatch.setenv("FORLOEB_LOG_LEVEL", "debug")
    monkeypatch.setenv("FORLOEB_KAFKA", "elsewhere:1")
    assert load(ExampleSettings, GOOD).log_level == "info"
    assert any(fault.startswith("FORLOEB_KAFKA: is missing") for fault in faults({**GOOD, "FORLOEB_KAFKA": ""}))


def test_all_faults_are_told_at_once() -> None:
    """Nobody should have to start five times to find five faults."""
    told = faults(
        {
            "FORLOEB_KAFKKA": "127.0.0.1:9092",
            "FORLOEB_MONGODB": "127.0.0.1",
            "FORLOEB_MASTER_KEY": "c2hvcnQ=",
            "FORLOEB_LINK_SECRET": "short",
            "FORLOEB_STAFF_TOKEN_FILE": "/nowhere/token",
            "FORLOEB_INTAKE_PORT": "99999",
            "FORLOEB_CRASH_AT": "somewhere",
        }
    )
    beginnings = [fault.split(":")[0] for fault in told]
    assert sorted(beginnings) == [
        "FORLOEB_CRASH_AT",
        "FORLOEB_INTAKE_PORT",
        "FORLOEB_KAFKA",
        "FORLOEB_KAFKKA",
        "FORLOEB_LINK_SECRET",
        "FORLOEB_MASTER_KEY",
        "FORLOEB_MONGODB",
        "FORLOEB_STAFF_TOKEN_FILE",
    ]
    assert "did you mean FORLOEB_KAFKA?" in told[0]


def test_no_fault_repeats_what_was_given() -> None:
    """A secret in the wrong place, or a wrong secret, is not printed."""
    told = faults(GOOD | {"FORLOEB_MONGODB": "canary-1", "FORLOEB_LINK_SECRET": "canary-2", "FORLOEB_DEMO": "canary-3"})
    assert not any("canary" in fault for fault in told)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("FORLOEB_MASTERKEY", "FORLOEB_MASTER_KEY"),
        ("FORLOEB_INTAKE_PROT", "FORLOEB_INTAKE_PORT"),
        ("FORLOEB_LINK_SECRET_FIL", "FORLOEB_LINK_SECRET_FILE"),
    ],
)
def test_an_unknown_name_stops_the_start_and_the_nearest_is_named(name: str, meant: str) -> None:
    """A setting with a typing error would else silently have its default."""
    assert faults(GOOD | {name: "x"}) == [f"{name}: there is no such setting; did you mean {meant}?"]


def test_names_of_other_services_and_programs_are_passed_over() -> None:
    """One environment file serves all services."""
    others = {"FORLOEB_SCHEDULER_PORT": "x", "FORLOEB_SMTP_USER": "x", "FORLOEB_HOME": "x", "PATH": "x", "KAFKA": "x"}
    load(ExampleSettings, GOOD | others)


def test_each_secret_may_stand_in_a_file(tmp_path: Path) -> None:
    """As Docker and Kubernetes mount them; the line end of the file is no part of the secret."""
    environment = dict(GOOD)
    for name in ("MONGODB", "MASTER_KEY", "LINK_SECRET", "STAFF_TOKEN"):
        file = tmp_path / name
        file.write_text(environment.pop(f"FORLOEB_{name}") + "\n", encoding="utf-8")
        environment[f"FORLOEB_{name}_FILE"] = str(file)
    loaded = load(ExampleSettings, environment)
    assert loaded.link_secret.get_secret_value() == GOOD["FORLOEB_LINK_SECRET"]
    assert loaded.mongodb.get_secret_value() == GOOD["FORLOEB_MONGODB"]


def test_a_weak_secret_in_a_file_is_found_too(tmp_path: Path) -> None:
    """The way it came makes it no better."""
    file = tmp_path / "token"
    file.write_text("changeme-changeme-changeme-changeme", encoding="utf-8")
    assert faults(GOOD | {"FORLOEB_STAFF_TOKEN": "", "FORLOEB_STAFF_TOKEN_FILE": str(file)}) == [
        "FORLOEB_STAFF_TOKEN: is a known or guessable value, make a random one"
    ]


def test_a_secret_given_twice_is_refused(tmp_path: Path) -> None:
    """Which one counts should never be a question."""
    file = tmp_path / "token"
    file.write_text("x", encoding="utf-8")
    told = faults(GOOD | {"FORLOEB_STAFF_TOKEN_FILE": str(file)})
    assert told == ["FORLOEB_STAFF_TOKEN: is set, and FORLOEB_STAFF_TOKEN_FILE too; keep one of them"]


def test_a_file_that_is_no_text_is_a_fault_and_no_traceback(tmp_path: Path) -> None:
    """E.g. the key as raw bytes."""
    file = tmp_path / "key"
    file.write_bytes(b"\xff\xfe\x00")
    told = faults(GOOD | {"FORLOEB_MASTER_KEY": "", "FORLOEB_MASTER_KEY_FILE": str(file)})
    assert told == ["FORLOEB_MASTER_KEY_FILE: the file cannot be read (it is not text)"]


WEAK = ["change-me-change-me-change-me-change-me", "Secret_Secret_Secret_Secret_Secret1", "a" * 40, "abcabc" * 8]


@pytest.mark.parametrize("secret", WEAK)
def test_known_and_guessable_secrets_are_refused_outside_the_demo(secret: str) -> None:
    """Nobody runs with what stands in the documentation; a demo on one machine may."""
    assert len(faults(GOOD | {"FORLOEB_LINK_SECRET": secret})) == 1
    assert load(ExampleSettings, GOOD | {"FORLOEB_LINK_SECRET": secret, "FORLOEB_DEMO": "1"}).demo


@pytest.mark.parametrize(
    "key",
    [
        bytes(32),
        bytes(range(32)),
        bytes(range(0, 64, 2)),
        b"change-me-change-me-change-me-32",
        b"q8Zr2LwX5vTn9KdJ3hGbY7mPcF4sRaVe",
    ],
)
def test_a_master_key_that_was_not_drawn_is_refused(key: bytes) -> None:
    """Right in form; zeros, a row of numbers, or something that a person typed."""
    told = faults(GOOD | {"FORLOEB_MASTER_KEY": b64encode(key).decode()})
    assert told == ["FORLOEB_MASTER_KEY: is a known or guessable value, make a random one"]


@pytest.mark.parametrize(
    ("name", "value", "refused"),
    [
        ("MONGODB", "mongodb://forloeb:changeme@db:27017", True),
        ("MONGODB", "mongodb://root:example@a:1,b:2/?replicaSet=x", True),
        ("MONGODB", "mongodb://u:p%61ssword123!@db", True),
        ("MONGODB", "mongodb://db:27017", False),
        ("MONGODB", "mongodb://test:Rk7-testen-av@db", False),
        ("KAFKA_PASSWORD", "admin", True),
        ("KAFKA_PASSWORD", "kort9x", False),
    ],
)
def test_passwords_of_others_may_be_short_but_not_what_everybody_tries_first(
    name: str,
    value: str,
    *,
    refused: bool,
) -> None:
    """Of a database's address only the password is looked at; the demo on one machine may have any."""
    given = GOOD | {f"FORLOEB_{name}": value}
    if refused:
        assert faults(given) == [f"FORLOEB_{name}: is a known or guessable value, make a random one"]
        load(ExampleSettings, given | {"FORLOEB_DEMO": "1"})
    else:
        load(ExampleSettings, given)


def test_one_value_for_two_secrets_is_refused() -> None:
    """Whoever is given the staff token could else sign links."""
    assert faults(GOOD | {"FORLOEB_STAFF_TOKEN": GOOD["FORLOEB_LINK_SECRET"]}) == [
        "FORLOEB_STAFF_TOKEN: is the same as FORLOEB_LINK_SECRET; each secret needs a value of its own"
    ]


@pytest.mark.parametrize("file", EXAMPLES, ids=str)
def test_no_example_of_settings_holds_a_secret_that_works(file: Path) -> None:
    """Who copies it has to fill it in: an example that starts is a secret that everybody knows."""
    names = {f"FORLOEB_{name.upper()}" for name in secret_fields(ExampleSettings)} | {"FORLOEB_SMTP_PASSWORD"}
    for line in file.read_text(encoding="utf-8").splitlines():
        name, _, value = line.lstrip("# ").partition("=")
        if name in names or name.removesuffix("_FILE") in names:
            assert value == "", f"{file}: {name}"


def test_random_text_that_holds_a_word_by_chance_is_taken() -> None:
    """A start must not fail once in ten thousand times for a good key."""
    load(ExampleSettings, GOOD | {"FORLOEB_LINK_SECRET": "q8Zr2LwXtestKdJ3hGbY7mPdemo4sRaVe"})


def test_optional_secrets_are_checked_only_when_given() -> None:
    """An empty value counts as not given."""
    assert load(ExampleSettings, GOOD | {"FORLOEB_INTAKE_API_TOKEN": ""}).intake_api_token is None
    assert faults(GOOD | {"FORLOEB_INTAKE_API_TOKEN": "short"}) == [
        "FORLOEB_INTAKE_API_TOKEN: is too short, take at least 32 random characters"
    ]


@pytest.mark.parametrize("value", ["localhost", "kafka:", ":9092", "a:1,", "a:1, b:2", "kafka:9092/x"])
def test_brokers_without_a_port_are_refused(value: str) -> None:
    """Else the client finds nobody, and says so only much later."""
    assert faults(GOOD | {"FORLOEB_KAFKA": value})[0].startswith("FORLOEB_KAFKA: is not host:port")


def test_the_secret_fields_show_nothing() -> None:
    """Whatever prints the settings prints no secret."""
    loaded = load(ExampleSettings, GOOD)
    for name in secret_fields(ExampleSettings):
        value = getattr(loaded, name)
        assert value is None or value.get_secret_value() not in repr(loaded)
