"""What some tests need of the machine, how to find it, and what to say where it is missing."""

import os
import shutil
from collections.abc import Callable
from functools import cache

from deploy.kafka.jars import KafkaUnavailableError, jars, java
from tests.node_packages import NodeUnavailableError, install_node_packages

CHROMIUM_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM_FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def chromium_path() -> str | None:
    """Where a Chromium is, also one that only CHROMIUM= names."""
    named = os.environ.get("CHROMIUM")
    return named or next((path for path in map(shutil.which, CHROMIUM_NAMES) if path), None)


def _no_browser() -> str | None:
    return (
        None if chromium_path() else "no Chromium was found (Debian: apt install chromium; or set CHROMIUM=/path/to/it)"
    )


def _no_kafka() -> str | None:
    try:
        java()
        jars()
    except KafkaUnavailableError as error:
        return str(error)
    return None


def _no_node() -> str | None:
    try:
        install_node_packages()
    except NodeUnavailableError as error:
        return str(error)
    return None


# Each returns why it is missing, or None.
NEEDS: dict[str, Callable[[], str | None]] = {"browser": _no_browser, "kafka": _no_kafka, "node": _no_node}


@cache
def missing(name: str) -> str | None:
    """Why this machine cannot run tests that need `name`; None where it can."""
    return NEEDS[name]()


def required() -> set[str]:
    """What REQUIRE= demands: where it is missing, the tests that need it fail.

    Raises:
        ValueError: REQUIRE names something that there is not.

    """
    names = {name.strip() for name in os.environ.get("REQUIRE", "").split(",")} - {""}
    if unknown := names - NEEDS.keys():
        raise ValueError(f"REQUIRE={','.join(sorted(unknown))}: it takes {', '.join(NEEDS)}")
    return names
