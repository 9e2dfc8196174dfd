"""Valid inputs for tests, each a fresh copy that a test may change."""

from copy import deepcopy
from functools import cache
from pathlib import Path
from typing import Any

from services.intake.application import ApplicationForm
from services.intake.application_examples import JOINT, SINGLE
from shared.programme import Programme, load_programme

SPARK_FILE = Path(__file__).parents[1] / "deploy/programme/spark.toml"


@cache
def spark() -> Programme:
    """Return the SPARK programme as it is delivered; read once, and frozen."""
    return load_programme(SPARK_FILE)


def review_programme(folder: Path) -> Path:
    """A file with SPARK's programme, but that coordinators admit applications."""
    text = SPARK_FILE.read_text(encoding="utf-8").replace('admission = "immediate"', 'admission = "review"')
    file = folder / "review.toml"
    file.write_text(text, encoding="utf-8")
    return file


def single_application(changes: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the JSON of a valid application for one workplace; `changes` as in `{"contacts.leader.name": "Ida"}`."""
    return changed(SINGLE, changes or {})


def joint_application(changes: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the JSON of a valid application for a joint course; `changes` as for `single_application`."""
    return changed(JOINT, changes or {})


def single_form(changes: dict[str, Any] | None = None) -> ApplicationForm:
    return ApplicationForm.model_validate(single_application(changes))


def joint_form(changes: dict[str, Any] | None = None) -> ApplicationForm:
    return ApplicationForm.model_validate(joint_application(changes))


def changed(sample: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """Return a copy with the values at the given dotted paths set; groups that are missing on the way are made."""
    copy = deepcopy(sample)
    for path, value in changes.items():
        part: Any = copy
        *groups, last = [int(step) if step.isdigit() else step for step in path.split(".")]
        for step in groups:
            part = part.setdefault(step, {}) if isinstance(part, dict) else part[step]
        part[last] = value
    return copy
