"""The settings that commands work with: those of the environment, or else those of the stack that runs on this machine."""

import os
from collections.abc import Mapping

from deploy.local.home import PORT_NAMES, Home
from deploy.local.services import service_settings

PREFIX = "FORLOEB_"
# With one of these somebody has said which system is meant.
TELLING = ("FORLOEB_KAFKA", "FORLOEB_MONGODB")


def stack_settings(home: Home) -> dict[str, str]:
    """The FORLOEB_ settings of a stack that is up; empty where none is."""
    addresses = home.addresses()
    if addresses is None or not any(program.running.alive for program in home.programs()):
        return {}
    return service_settings(addresses, home.ports(in_use_by_us=set(PORT_NAMES)), home.secrets())


def settings_environment(environment: Mapping[str, str] | None = None) -> dict[str, str]:
    """The environment as it is where it names a system, else with the settings of the stack here below its own."""
    environment = os.environ if environment is None else environment
    if any(environment.get(name) for name in TELLING):
        return dict(environment)
    return stack_settings(Home()) | dict(environment)
