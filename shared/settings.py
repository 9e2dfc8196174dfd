"""Settings come from the environment only. All faults are told at once, each secret may stand in a file, no known default starts."""

import difflib
import os
import re
from base64 import b64decode
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from shared.client_address import networks
from shared.crash import POINTS
from shared.staff.places import places_of
from shared.weak_secrets import FOREIGN_SECRETS, SECRET_CHARACTERS_MIN, used_twice, weakness

PREFIX = "FORLOEB_"
MASTER_KEY_BYTES = 32
# Names that only one service knows begin so; the others pass them over, since one environment file serves all.
SERVICE_PREFIXES = ("INTAKE_", "SCHEDULER_", "NOTIFIER_", "MONITOR_", "SMTP", "HOME")

SettingsType = TypeVar("SettingsType", bound="CommonSettings")


def _networks(text: str) -> str:
    networks(text)  # says what is wrong with it
    return text


def _places(text: str) -> str:
    places_of(text)  # the same
    return text


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
        description="At least 32 characters; bearer token for programs of staff (roster, live page, metrics)."
    )
    public_url: str = Field(
        "http://127.0.0.1:8000", description="Address of the public pages, without a slash at the end."
    )
    programme: Path = Field(Path("deploy/programme/spark.toml"), description="Programme configuration (TOML).")
    staff_file: Path | None = Field(
        None, description="File of the staff's accounts, kept by `forloeb staff`. Empty: nobody can log in."
    )
    staff_elsewhere: Annotated[str, AfterValidator(_places)] = Field(
        "",
        description="Where staff's pages of the services lie, /messages=http://127.0.0.1:8002, with commas, where no proxy brings "
        "all under one address. Empty: one does.",
    )
    trusted_proxies: Annotated[str, AfterValidator(_networks)] = Field(
        "",
        description="Networks (CIDR, with commas) of the proxies whose X-Forwarded-For is believed. Empty: none.",
    )
    demo: bool = Field(
        default=False,
        description="1 only in a local demo: allows secrets that are publicly known, and accounts that a demo has made.",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="Least level that is logged.")
    crash_at: str | None = Field(
        None, description="For tests of recovery: the process kills itself at this named point."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what `load` hands in: it has read the environment, and the library's own reading would mix in more."""
        del settings_cls, env_settings, dotenv_settings, file_secret_settings
        return (init_settings,)

    @field_validator("kafka")
    @classmethod
    def _brokers(cls, value: str) -> str:
        if not all(re.fullmatch(r"[^\s:,]+:\d{1,5}|\[[0-9a-fA-F:]+\]:\d{1,5}", part) for part in value.split(",")):
            raise ValueError("is not host:port, several with commas")
        return value

    @field_validator("mongodb")
    @classmethod
    def _mongodb_uri(cls, value: SecretStr) -> SecretStr:
        if not value.get_secret_value().startswith(("mongodb://", "mongodb+srv://")):
            raise ValueError("does not begin with mongodb:// or mongodb+srv://")
        return value

    @field_validator("master_key")
    @classmethod
    def _key_length(cls, value: SecretStr) -> SecretStr:
        try:
            key = b64decode(value.get_secret_value(), validate=True)
        except ValueError:
            key = b""
        if len(key) != MASTER_KEY_BYTES:
            raise ValueError(
                f"is not {MASTER_KEY_BYTES} bytes in base64 (try: openssl rand -base64 {MASTER_KEY_BYTES})"
            )
        return value

    @field_validator("public_url")
    @classmethod
    def _public_url(cls, value: str) -> str:
        if not value.startswith(("http://", "https://")) or value.endswith("/"):
            raise ValueError("does not begin with https:// (or http://), or ends with a slash")
        return value

    @field_validator("crash_at")
    @classmethod
    def _crash_point(cls, value: str | None) -> str | None:
        if value is not None and value not in POINTS:
            raise ValueError(f"is none of: {', '.join(sorted(POINTS))}")
        return value


def load(settings: type[SettingsType], environment: Mapping[str, str] | None = None) -> SettingsType:
    """Read the settings of one service.

    Raises:
        SettingsError: a name is unknown, a value is missing or wrong, or a secret is a known default.

    """
    environment = os.environ if environment is None else environment
    values, file_faults = _values(settings, environment)
    faults = [*_unknown_names(settings, environment), *file_faults.values()]
    loaded: SettingsType | None = None
    try:
        loaded = settings.model_validate(values)
    except ValidationError as error:
        rows = error.errors(include_input=False, include_url=False)
        faults += [_sentence(settings, row) for row in rows if not file_faults.keys() & row["loc"]]
    demo = str(values.get("demo", "")).lower() in ("1", "true", "yes", "on")
    faults += _weak_secrets(settings, values, demo=demo)
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
        near = difflib.get_close_matches(name, sorted(known), n=1)
        faults.append(f"{name}: there is no such setting" + (f"; did you mean {near[0]}?" if near else ""))
    return faults


def _values(settings: type[CommonSettings], environment: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """What is given, by field, and what is wrong with the files of secrets, by field. An empty value counts as not given."""
    values: dict[str, str] = {}
    faults: dict[str, str] = {}
    secrets = secret_fields(settings)
    for field in settings.model_fields:
        name = environment_name(field)
        value = environment.get(name)
        file = environment.get(name + "_FILE") if field in secrets else None
        if value and file:
            faults[field] = f"{name}: is set, and {name}_FILE too; keep one of them"
        elif file:
            try:
                values[field] = Path(file).read_text(encoding="utf-8").strip()
            except (OSError, UnicodeDecodeError) as error:
                reason = error.strerror if isinstance(error, OSError) else "it is not text"
                faults[field] = f"{name}_FILE: the file cannot be read ({reason})"
        elif value:
            values[field] = value
    return values, faults


def _sentence(settings: type[CommonSettings], row: Mapping[str, Any]) -> str:
    if not row["loc"]:
        # Of several settings together; its text says which.
        return str(row["msg"]).removeprefix("Value error, ")
    field = str(row["loc"][0])
    about = settings.model_fields[field].description if field in settings.model_fields else ""
    what = "is missing" if row["type"] == "missing" else str(row["msg"]).removeprefix("Value error, ")
    return f"{environment_name(field)}: {what}. {about or ''}".rstrip()


def _weak_secrets(settings: type[CommonSettings], values: Mapping[str, str], *, demo: bool) -> list[str]:
    """Too short is too short everywhere; a demo on one machine may have secrets that are publicly known."""
    given = {field: values[field] for field in secret_fields(settings) if values.get(field)}
    faults = []
    for field, text in given.items():
        what = weakness(field, text)
        if what and not (demo and len(text) >= SECRET_CHARACTERS_MIN) and not (demo and field in FOREIGN_SECRETS):
            faults.append(f"{environment_name(field)}: {what}")
    own = {environment_name(field): text for field, text in given.items() if field not in FOREIGN_SECRETS}
    faults += [
        f"{name}: is the same as {other}; each secret needs a value of its own" for other, name in used_twice(own)
    ]
    return faults
