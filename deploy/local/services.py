"""The four services as programs of the embedded stack, and the settings that they get."""

import sys

from deploy.local.program import Program

SERVICES = ("intake", "scheduler", "notifier", "monitor")


def service_addresses(ports: dict[str, int]) -> dict[str, str | None]:
    """Where the services' pages and APIs are reached, by the names of `addresses.json`."""
    return {name: f"http://127.0.0.1:{ports[name]}" for name in SERVICES}


def service_settings(
    addresses: dict[str, str | None], ports: dict[str, int], secrets: dict[str, str]
) -> dict[str, str]:
    """The environment of every service: the same names as in production."""
    settings = secrets | {"FORLOEB_PUBLIC_URL": addresses["intake"] or ""}
    for name in ("kafka", "mongodb", "smtp"):
        settings[f"FORLOEB_{name.upper()}"] = addresses[name] or ""
    for name in SERVICES:
        settings[f"FORLOEB_{name.upper()}_PORT"] = str(ports[name])
    return settings


def service_programs(addresses: dict[str, str | None], settings: dict[str, str]) -> list[Program]:
    """One process per service."""
    return [
        Program(
            name=name,
            command=forloeb("run", name),
            environment=settings,
            asks=(("http", f"{addresses[name]}/readyz"),),
        )
        for name in SERVICES
    ]


def forloeb(*arguments: str) -> tuple[str, ...]:
    """A command line of this project."""
    return (sys.executable, "-m", "services.cli", *arguments)
