"""Checks the settings of all services together, and the programme that they name."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeVar

from services.doctor.finding import Finding, ok, wrong
from services.intake.settings import IntakeSettings
from services.monitor.settings import MonitorSettings
from services.notifier.settings import NotifierSettings
from services.scheduler.settings import SchedulerSettings
from shared.programme import Programme, load_programme
from shared.programme_faults import ProgrammeError
from shared.settings import CommonSettings, SettingsError, load

SETTINGS: tuple[type[CommonSettings], ...] = (IntakeSettings, SchedulerSettings, NotifierSettings, MonitorSettings)

Kind = TypeVar("Kind", bound=CommonSettings)


@dataclass(frozen=True, kw_only=True)
class Known:
    """What can be read; None for what is too wrong to go on with."""

    common: CommonSettings | None
    intake: IntakeSettings | None
    notifier: NotifierSettings | None
    programme: Programme | None


def check_settings(environment: Mapping[str, str]) -> tuple[list[Finding], Known]:
    """Every fault at once, each told once although several services would tell it."""
    faults: dict[str, None] = {}
    for settings in SETTINGS:
        try:
            load(settings, environment)
        except SettingsError as error:
            faults |= dict.fromkeys(str(error).splitlines())
    common, notifier = _loaded(CommonSettings, environment), _loaded(NotifierSettings, environment)
    advice = "Set it in the environment; docs/settings.md lists every setting."
    findings = [wrong("settings", fault, advice) for fault in faults]
    if not faults:
        findings = [ok("settings", f"all {len(SETTINGS)} services would start with them")]
    programme = None
    if common is not None:
        try:
            programme = load_programme(common.programme)
            findings.append(ok("programme", f"{common.programme}: {programme.name.en}"))
        except ProgrammeError as error:
            advice = f"Correct it in {common.programme}, or name another file in FORLOEB_PROGRAMME."
            findings += [wrong("programme", str(fault), advice) for fault in error.faults]
    intake = _loaded(IntakeSettings, environment)
    return findings, Known(common=common, intake=intake, notifier=notifier, programme=programme)


def _loaded(settings: type[Kind], environment: Mapping[str, str]) -> Kind | None:
    try:
        return load(settings, environment)
    except SettingsError:
        return None
