"""Writes `.env.example` and `docs/settings.md` from the settings classes: `.venv/bin/python -m deploy.settings_docs`.

A test holds the written files against the classes.
"""

from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

from pydantic.fields import FieldInfo

from services.intake.settings import IntakeSettings
from services.monitor.settings import MonitorSettings
from services.notifier.settings import NotifierSettings
from services.scheduler.settings import SchedulerSettings
from shared.settings import CommonSettings, environment_name, secret_fields
from shared.weak_secrets import SECRET_CHARACTERS_MIN

PROJECT = Path(__file__).resolve().parents[1]
SERVICES: dict[str, type[CommonSettings]] = {
    "Intake": IntakeSettings,
    "Scheduler": SchedulerSettings,
    "Notifier": NotifierSettings,
    "Monitor": MonitorSettings,
}
INTRODUCTION = f"""# Settings

Everything is set by environment variables; one environment can serve all services. An empty value counts as not given.
All faults are told at once, and each of them stops the start: a name that begins with `FORLOEB_` and that no service
knows, a value that is missing or wrong, a secret that is short ({SECRET_CHARACTERS_MIN} characters at least), known or
guessable.

Each **secret** may stand in a file instead: `FORLOEB_LINK_SECRET_FILE=/run/secrets/link_secret` in place of
`FORLOEB_LINK_SECRET=…` (never both). Make secrets with `openssl rand -base64 32`.

This page and `.env.example` are written by `python -m deploy.settings_docs`.
"""


def documents() -> dict[Path, str]:
    """The content of each file, by its path in the project."""
    return {Path(".env.example"): _environment_file(), Path("docs/settings.md"): _page()}


def _page() -> str:
    parts = [INTRODUCTION]
    for title, settings, fields in _groups():
        rows = [_row(settings, name, field) for name, field in fields.items()]
        parts.append(f"## {title}\n\n| name | default | |\n|---|---|---|\n" + "\n".join(rows) + "\n")
    return "\n".join(parts)


def _row(settings: type[CommonSettings], name: str, field: FieldInfo) -> str:
    default = "**required**" if field.is_required() else _code(_default(field))
    marks = "Secret. " if name in secret_fields(settings) else ""
    text = f"{marks}{field.description}".replace("|", "\\|")
    return f"| `{environment_name(name)}` | {default} | {text} |"


def _code(text: str) -> str:
    return f"`{text}`" if text else "–"


def _environment_file() -> str:
    lines = [
        "# The environment of the services: what has no # must be given. For docker-compose.yml, `make env` writes .env.",
        "",
    ]
    for title, settings, fields in _groups():
        lines += [f"# -- {title} --", ""]
        for name, field in fields.items():
            secret = " (or its _FILE)" if name in secret_fields(settings) else ""
            value = f"{environment_name(name)}={_default(field)}"
            lines += [f"# {field.description}{secret}", value if field.is_required() else f"#{value}", ""]
    return "\n".join(lines).rstrip() + "\n"


def _groups() -> Iterator[tuple[str, type[CommonSettings], dict[str, FieldInfo]]]:
    """Title, class and own fields: first what all services share, then each service."""
    common = CommonSettings.model_fields
    yield "All services", CommonSettings, dict(common)
    for title, settings in SERVICES.items():
        yield title, settings, {name: field for name, field in settings.model_fields.items() if name not in common}


def _default(field: FieldInfo) -> str:
    return "" if field.is_required() else _text(field.default)


def _text(value: Any) -> str:
    """As it would stand in the environment."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(int(value))
    if isinstance(value, tuple | list):
        return ",".join(_text(each) for each in value)
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value)


def main() -> None:
    for path, content in documents().items():
        (PROJECT / path).write_text(content, encoding="utf-8")


if __name__ == "__main__":
    main()
