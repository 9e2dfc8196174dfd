"""Settings come from the environment only. All faults are told at once, each secret may stand in a file, no known default starts."""

import difflib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar

from pydantic import Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "FORLOEB_"
SECRET_CHARACTERS_MIN = 32
# Names that only one service knows begin so; the others pass them over, since one environment file serves all.
SERVICE_PREFIXES = ("INTAKE_", "SCHEDULER_", "NOTIFIER_", "MONITOR_", "SMTP", "HOME")
# What stands in examples and in people's first attempts.
KNOWN_DEFAULTS = ("change", "example", "secret", "password", "demo", "test", "forloeb", "default")

SettingsType = TypeVar("SettingsType", bound="CommonSettings")


class SettingsError(Exception):
    """The start is refused; the text lists every fault, one a line."""


class CommonSettings(BaseSettings):
    """What every service needs."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", hide_input_in_errors=True, frozen=True)

    kafka: str = Field(description="Kafka brokers, host:port, several with commas.")
    kafka_ca_file: str | None = Field(None, description="CA certificates of the brokers (PEM); turns TLS on.")
    kafka_user: str | None = Field(None, description="SASL user (SCRAM-SHA-512).")
    kafka_password: SecretStr | None = Field(None, description="SASL password.")
    kafka_replication: int = Field(1, ge=1, le=5, description="Copies of each topic that is created.")
    kafka_partitions: int = Field(6, ge=1, le=100, description="Partitions of each topic that is created.")
    mongodb: SecretStr = Field(description="MongoDB address, a mongodb:// URI.")
    master_key: SecretStr = Field(
        description="32 random bytes in base64; wraps the keys of all personal data. Keep it out of database backups."
    )
    link_secret: SecretStr = Field(
        description="At least 32 characters; signs the links and reply addresses sent by e-mail."
    )
    staff_token: SecretStr = Field(
        description="At least 32 characters; bearer token for staff (roster, live page, metrics)."
    )
    public_url: str = Field(
        "http://127.0.0.1:8000", description="Address of the public pages, without a slash at the end."
    )
    programme: Path = Field(Path("deploy/programme/spark.toml"), description="Programme configuration (TOML).")
    demo: bool = Field(default=False, description="1 only in a local demo: allows secrets that are publicly known.")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level that is logged.")
    crash_at: str | None = Field(
        None, description="For tests of recovery: the process kills itself at this named point."
    )


def load(settings: type[SettingsType], environment: Mapping[str, str] | None = None) -> SettingsType:
    """Read the settings of one service.

    Raises:
        SettingsError: a name is unknown, a value is missing or wrong, or a secret is a known default.

    """
    environment = os.environ if environment is None else environment
    faults = [*_unknown_names(settings, environment)]
    values, file_faults = _values(settings, environment)
    faults += file_faults
    loaded: SettingsType | None = None
    try:
        loaded = settings.model_validate(values)
    except ValidationError as error:
        faults += [_sentence(settings, row) for row in error.errors(include_input=False, include_url=False)]
    if loaded is not None:
        faults += _weak_secrets(loaded)
    if faults or loaded is None:
        raise SettingsError("\n".join(faults))
    return loaded


def environment_name(field: str) -> str:
    """FORLOEB_KAFKA for `kafka`."""
    return PREFIX + field.upper()


def secret_fields(settings: type[CommonSettings]) -> list[str]:
    """Names of the fields that hold secrets, and that may stand in a file named by `*_FILE`."""
    return [name for name, field in settings.model_fields.items() if "SecretStr" in str(field.annotation)]


def _known_names(settings: type[CommonSettings]) -> set[str]:
    names = {environment_name(field) for field in settings.model_fields}
    return names | {environment_name(field) + "_FILE" for field in secret_fields(settings)}


def _unknown_names(settings: type[CommonSettings], environment: Mapping[str, str]) -> list[str]:
    known = _known_names(settings)
    own_prefixes = {prefix for prefix in SERVICE_PREFIXES if any(name.startswith(PREFIX + prefix) for name in known)}
    faults = []
    for name in sorted(environment):
        foreign = name.startswith(tuple(PREFIX + prefix for prefix in SERVICE_PREFIXES if prefix not in own_prefixes))
        if not name.startswith(PREFIX) or name in known or foreign:
            continue
        near = difflib.get_close_matches(name, known, n=1)
        faults.append(f"{name}: there is no such setting" + (f"; did you mean {near[0]}?" if near else ""))
    return faults


def _values(settings: type[CommonSettings], environment: Mapping[str, str]) -> tuple[dict[str, Any], list[str]]:
    values: dict[str, Any] = {}
    faults = []
    for field in settings.model_fields:
        name = environment_name(field)
        if environment.get(name):
            values[field] = environment[name]
        elif field in secret_fields(settings) and environment.get(name + "_FILE"):
            try:
                values[field] = Path(environment[name + "_FILE"]).read_text(encoding="utf-8").strip()
            except OSError as error:
                faults.append(f"{name}_FILE: the file cannot be read ({error.strerror})")
                values[field] = "-" * SECRET_CHARACTERS_MIN
    return values, faults


def _sentence(settings: type[CommonSettings], row: Mapping[str, Any]) -> str:
    if not row["loc"]:
        # Of several settings together; its text says which.
        return str(row["msg"]).removeprefix("Value error, ")
    field = str(row["loc"][0])
    about = settings.model_fields[field].description if field in settings.model_fields else ""
    if row["type"] == "missing":
        return f"{environment_name(field)}: is missing. {about}"
    return f"{environment_name(field)}: {row['msg']}. {about}"


def _weak_secrets(loaded: CommonSettings) -> list[str]:
    faults = []
    for field in secret_fields(type(loaded)):
        value = getattr(loaded, field)
        if not isinstance(value, SecretStr) or field in ("mongodb", "kafka_password", "smtp_password"):
            continue
        text = value.get_secret_value()
        if len(text) < SECRET_CHARACTERS_MIN:
            faults.append(
                f"{environment_name(field)}: is too short, take at least {SECRET_CHARACTERS_MIN} random characters"
            )
        elif not loaded.demo and (any(word in text.lower() for word in KNOWN_DEFAULTS) or len(set(text)) < 8):  # noqa: PLR2004 - few different characters are no randomness
            faults.append(f"{environment_name(field)}: is a known or guessable value, make a random one")
    return faults
