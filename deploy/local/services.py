"""The four services as programs of the embedded stack, and the settings that they get."""

import sys

from deploy.local.program import Program

SERVICES = ("intake", "scheduler", "notifier", "monitor")
# Everybody here is one network, so the limits meant for one network of many would stop a demonstration.
CLIENT_LIMIT = "1000/10 minutes"
CHANGE_LIMIT = "10000/10 minutes"
# What the mail server of this stack signs its findings about senders with.
AUTHSERV_ID = "mail.forloeb.example"
# Whoever looks on should not have to wait a minute for the mails of a change.
SETTLE_SECONDS = "2"


def service_addresses(ports: dict[str, int]) -> dict[str, str | None]:
    """Where the services' pages and APIs are reached, and where answers are delivered, by the names of `addresses.json`."""
    addresses: dict[str, str | None] = {name: f"http://127.0.0.1:{ports[name]}" for name in SERVICES}
    return addresses | {"lmtp": f"127.0.0.1:{ports['lmtp']}"}


def service_settings(
    addresses: dict[str, str | None], ports: dict[str, int], secrets: dict[str, str]
) -> dict[str, str]:
    """The environment of every service: the same names as in production."""
    # Accounts that the demo has made count here; a production system refuses a file with them.
    settings = secrets | {"FORLOEB_PUBLIC_URL": addresses["intake"] or "", "FORLOEB_DEMO": "1"}
    for name in ("kafka", "mongodb", "smtp"):
        settings[f"FORLOEB_{name.upper()}"] = addresses[name] or ""
    for name in SERVICES:
        settings[f"FORLOEB_{name.upper()}_PORT"] = str(ports[name])
    pages = {"/review": "intake", "/coordinator": "scheduler", "/messages": "notifier"}
    return settings | {
        "FORLOEB_STAFF_ELSEWHERE": ",".join(f"{path}={addresses[name]}" for path, name in pages.items()),
        "FORLOEB_INTAKE_LMTP": addresses["lmtp"] or "",
        "FORLOEB_INTAKE_AUTHSERV_ID": AUTHSERV_ID,
        "FORLOEB_INTAKE_CLIENT_LIMIT": CLIENT_LIMIT,
        "FORLOEB_INTAKE_CHANGE_LIMIT": CHANGE_LIMIT,
        "FORLOEB_NOTIFIER_SETTLE_SECONDS": SETTLE_SECONDS,
        "FORLOEB_NOTIFIER_STAFF_URL": addresses["scheduler"] or "",
        "FORLOEB_SCHEDULER_PUBLIC_URL": addresses["scheduler"] or "",
        "FORLOEB_SCHEDULER_URL": addresses["scheduler"] or "",
        "FORLOEB_NOTIFIER_URL": addresses["notifier"] or "",
        "FORLOEB_MONITOR_URL": addresses["monitor"] or "",
        "FORLOEB_MONITOR_SERVICES": ",".join(f"{name}={addresses[name]}" for name in SERVICES),
    }


def service_programs(addresses: dict[str, str | None], settings: dict[str, str]) -> list[Program]:
    """One process per service."""
    return [
        Program(
            name=name,
            command=(sys.executable, "-m", "services.cli", "run", name),
            environment=settings,
            asks=(("http", f"{addresses[name]}/readyz"),),
        )
        for name in SERVICES
    ]
