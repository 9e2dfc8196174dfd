"""Settings of the monitor."""

from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from shared.settings import CommonSettings

DEFAULT_SERVICES = (
    "intake=http://127.0.0.1:8000,scheduler=http://127.0.0.1:8001,"
    "notifier=http://127.0.0.1:8002,monitor=http://127.0.0.1:8004"
)


def _services(text: str) -> str:
    read_services(text)
    return text


def read_services(text: str) -> dict[str, str]:
    """Addresses by name from "name=http://host:port,…".

    Raises:
        ValueError: it has another form.

    """
    services = {}
    for part in text.split(","):
        name, _, address = part.strip().partition("=")
        parts = urlsplit(address)
        if not name.isidentifier() or parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("must have the form name=http://host:port,name=http://host:port")
        services[name] = address.rstrip("/")
    return services


class MonitorSettings(CommonSettings):
    """What the monitor needs beside the common settings."""

    monitor_host: str = Field("127.0.0.1", description="Address that the live page listens on.")
    monitor_port: int = Field(8004, ge=1, le=65535, description="Port of the live page.")
    monitor_url: str = Field(
        "http://127.0.0.1:8004", description="Where commands such as `forloeb events` reach the monitor."
    )
    monitor_services: Annotated[str, AfterValidator(_services)] = Field(
        DEFAULT_SERVICES, description="The services whose health the live page shows: name=address, with commas."
    )
    monitor_keep_days: int = Field(30, ge=1, le=400, description="How long the live page remembers an event.")
    monitor_keep_events: int = Field(
        500_000, ge=1_000, le=50_000_000, description="How many events the live page remembers at most."
    )
