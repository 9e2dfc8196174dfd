"""docker-compose.yml as text: what it must say, whatever engine runs it. `make compose-test` brings it up."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.settings_docs import SERVICES
from shared.settings import CommonSettings, environment_name
from tests.compose.run import REAL_FILE, REAL_IMAGES

FILE = yaml.safe_load(REAL_FILE.read_text(encoding="utf-8"))
PROJECT = REAL_FILE.parent
OWN_IMAGE = "${FORLOEB_IMAGE:-forloeb:0.1.0}"
# What the file and the image decide, or what a container has no use for.
NOT_OFFERED = {
    "FORLOEB_CRASH_AT",
    "FORLOEB_INTAKE_ASSETS",
    "FORLOEB_KAFKA_CA_FILE",
    "FORLOEB_KAFKA_PASSWORD",
    "FORLOEB_KAFKA_USER",
    *(f"FORLOEB_{name.upper()}_{what}" for name in SERVICES for what in ("HOST", "PORT")),
}


def of_service(name: str) -> dict[str, Any]:
    found: dict[str, Any] = FILE["services"][name]
    return found


def variables() -> set[str]:
    """All that `.env` may hold."""
    return set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", REAL_FILE.read_text(encoding="utf-8")))


def env_file(tmp_path: Path, *words: str) -> dict[str, str]:
    """What `make env` writes."""
    target = tmp_path / "env"
    environment = {"ENV_FILE": str(target), "PATH": "/usr/bin:/bin"}
    subprocess.run([PROJECT / "deploy/compose/env.sh", *words], env=environment, check=True, capture_output=True)
    assert target.stat().st_mode & 0o077 == 0
    rows = [line for line in target.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return dict(row.split("=", 1) for row in rows)


@pytest.mark.parametrize("service", [name.lower() for name in SERVICES])
def test_every_setting_of_a_service_can_be_given_in_env(service: str) -> None:
    """A new setting must reach its container, or stand among those that need not."""
    settings = SERVICES[service.capitalize()]
    names = {environment_name(field) for field in {**CommonSettings.model_fields, **settings.model_fields}}
    assert names - NOT_OFFERED - set(of_service(service)["environment"]) == set()


def test_no_service_gets_a_setting_that_there_is_not() -> None:
    """An unknown name would stop its start."""
    known = {environment_name(field) for settings in SERVICES.values() for field in settings.model_fields}
    for service in FILE["services"].values():
        given = {name for name in service.get("environment", {}) if name.startswith("FORLOEB_")}
        assert given <= known


def test_every_image_is_pinned_and_none_floats() -> None:
    """A tag with a version; ours is the version of the project."""
    for name, service in FILE["services"].items():
        if service["image"] == OWN_IMAGE:
            assert 'version = "0.1.0"' in (PROJECT / "pyproject.toml").read_text(encoding="utf-8")
        else:
            assert re.search(r":v?\d+\.\d+\.\d+$", service["image"]), name


def test_the_compose_test_asks_for_the_images_of_the_file() -> None:
    """It looks whether these can be pulled."""
    assert {name: of_service(name)["image"] for name in REAL_IMAGES} == REAL_IMAGES


def test_ports_are_open_to_this_machine_only() -> None:
    """Whoever wants them elsewhere puts a proxy before them."""
    ports = [port for service in FILE["services"].values() for port in service.get("ports", ())]
    assert ports
    assert all(port.startswith("127.0.0.1:") for port in ports)


def test_everything_runs_confined() -> None:
    """No capabilities, no way to new ones, bounded memory; our own containers cannot write to their root."""
    for name, service in FILE["services"].items():
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name
        assert service["mem_limit"], name
        if service["image"] == OWN_IMAGE:
            assert service["read_only"], name


def test_no_secret_has_a_default() -> None:
    """A file with a working default password would be run with it."""
    text = REAL_FILE.read_text(encoding="utf-8")
    assert not re.findall(r"\$\{[A-Z_]*(?:SECRET|TOKEN|PASSWORD|KEY)[A-Z_]*:-[^}]", text)


def test_the_env_file_of_the_demo_leaves_nothing_to_fill_in(tmp_path: Path) -> None:
    """Every variable that the file insists on has a value, and every name is one that the file knows."""
    text = REAL_FILE.read_text(encoding="utf-8")
    demanded = set(re.findall(r"(?<!\$)\$\{([A-Z_]+):\?", text))
    given = env_file(tmp_path, "demo")
    assert {name for name in demanded if not given.get(name)} == set()
    assert set(given) <= variables() | {"COMPOSE_PROFILES"}


def test_the_env_file_of_an_installation_leaves_the_mail_server_to_fill_in(tmp_path: Path) -> None:
    """Secrets are drawn; which mail server is used nobody can guess."""
    given = env_file(tmp_path)
    assert {name for name, value in given.items() if not value} == {
        "FORLOEB_SMTP",
        "FORLOEB_SMTP_USER",
        "FORLOEB_SMTP_PASSWORD",
        "FORLOEB_SMTP_EHLO_NAME",
        "FORLOEB_PUBLIC_URL",
    }
    assert set(given) <= variables()


def test_an_env_file_is_never_overwritten(tmp_path: Path) -> None:
    """It holds the only key to all personal data."""
    first = env_file(tmp_path)
    with pytest.raises(subprocess.CalledProcessError):
        env_file(tmp_path)
    assert (tmp_path / "env").read_text(encoding="utf-8").count(first["FORLOEB_MASTER_KEY"]) == 1
