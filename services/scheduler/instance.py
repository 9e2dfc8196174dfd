"""Reading a file of the format `forloeb-match/1`, strictly: every mistake is named by the path of its field."""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from pydantic import ValidationError

from services.scheduler.grains import clock_change_at
from services.scheduler.instance_format import BY_PLACE, NUMBER, Instance
from services.scheduler.problem import ONLINE, WORKPLACE

HORIZON_DAYS_MAX = 36_600


class InstanceError(ValueError):
    """An instance that is not as the format wants it: `path` of the field ("$" is the whole file) and a sentence."""

    def __init__(self, path: str, text: str) -> None:
        super().__init__(f"{path}: {text}")
        self.path = path
        self.text = text


def read_instance(text: str | bytes) -> Instance:
    """Read and check the JSON text of an instance; raises InstanceError for the first thing that is wrong."""
    try:
        plain = text.decode("utf-8-sig") if isinstance(text, bytes) else text
        _refuse_repeated_keys(_parse(plain))
        instance = Instance.model_validate_json(plain)
    except UnicodeDecodeError:
        raise InstanceError("$", "This is not UTF-8 text.") from None
    except RecursionError:
        raise InstanceError("$", "This is nested too deeply.") from None
    except ValidationError as error:
        first = error.errors(include_url=False, include_context=False, include_input=False)[0]
        raise InstanceError(_path(first["loc"]), _sentence(first["type"], first["msg"])) from None
    _check_window(instance)
    _check_meetings(instance)
    _check_consultants(instance)
    _check_booked(instance)
    return instance


def _check_window(instance: Instance) -> None:
    if (instance.latest - instance.earliest).days >= HORIZON_DAYS_MAX:
        raise InstanceError("latest", f"The window may hold at most {HORIZON_DAYS_MAX} days.")


def _check_meetings(instance: Instance) -> None:
    for name in (WORKPLACE, ONLINE):
        if name in instance.venues:
            raise InstanceError(f"venues.{name}", "This name is taken; give the venue another one.")
    places = {WORKPLACE, ONLINE, *instance.venues}
    _refuse_doubles("meetings", "code", (meeting.code for meeting in instance.meetings))
    for index, meeting in enumerate(instance.meetings):
        path = f"meetings[{index}]"
        if meeting.place not in places:
            raise InstanceError(f"{path}.place", 'A place is "workplace", "online" or a key of "venues".')
        gap = meeting.gap_days
        if (gap is None) != (index == 0):
            raise InstanceError(f"{path}.gap_days", "It is null for the first meeting, and only there.")
        if gap is not None and not gap.min <= gap.ideal <= gap.max:
            wrong = "ideal" if gap.ideal < gap.min else "max"
            raise InstanceError(f"{path}.gap_days.{wrong}", "It must hold that 1 ≤ min ≤ ideal ≤ max.")


def _check_consultants(instance: Instance) -> None:
    _refuse_doubles("consultants", "id", (consultant.id for consultant in instance.consultants))
    places = {WORKPLACE, *instance.venues}
    for index, consultant in enumerate(instance.consultants):
        if not isinstance(consultant.travel_minutes, dict):
            continue
        path = f"consultants[{index}].travel_minutes"
        for place in sorted(consultant.travel_minutes.keys() ^ places):
            known = place in places
            raise InstanceError(f"{path}.{place}", "This key is missing." if known else "This key is not known.")


def _check_booked(instance: Instance) -> None:
    booked = instance.booked
    if (booked is None) != (instance.now is None):
        raise InstanceError("booked" if booked is None else "now", '"booked" and "now" go together.')
    if booked is None or instance.now is None:
        return
    if clock_change_at(*instance.now, instance.zone_info) == "skipped":
        raise InstanceError("now", "A clock change skips this time.")
    if booked.second == booked.consultant:
        raise InstanceError("booked.second", "The second consultant is somebody else than the first.")
    if len(booked.starts) != len(instance.meetings):
        raise InstanceError("booked.starts", "It holds one start for each meeting.")
    _check_starts(booked.starts, instance)


def _check_starts(starts: Sequence[tuple[date, int] | None], instance: Instance) -> None:
    before: tuple[date, int] | None = None
    for index, start in enumerate(starts):
        path = f"booked.starts[{index}]"
        if start is None:
            if before is None or any(later and instance.now and later < instance.now for later in starts[index:]):
                raise InstanceError(
                    path, "A meeting is added after one that is booked, and never before one that is past."
                )
            continue
        if before is not None and start[0] <= before[0]:
            raise InstanceError(path, "Each meeting lies on a later day than the one before.")
        if clock_change_at(*start, instance.zone_info) is not None:
            raise InstanceError(path, "A clock change skips or repeats this time.")
        before = start


def _refuse_doubles(path: str, key: str, names: Iterable[str]) -> None:
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name in seen:
            raise InstanceError(f"{path}[{index}].{key}", "This value stands at an earlier one already.")
        seen.add(name)


class _Repeated:
    """Stands in a parsed object for the value of a key that was there before."""


def _parse(text: str) -> object:
    try:
        return json.loads(text, object_pairs_hook=_object)
    except json.JSONDecodeError as error:
        raise InstanceError("$", f"This is not JSON: line {error.lineno}, column {error.colno}.") from None
    except ValueError:
        raise InstanceError("$", "This holds a number with too many digits.") from None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        found[key] = _Repeated() if key in found else value
    return found


def _refuse_repeated_keys(value: object, path: tuple[int | str, ...] = ()) -> None:
    if isinstance(value, _Repeated):
        raise InstanceError(_path(path), "This key stands twice in its object.")
    if isinstance(value, dict):
        for key, inner in value.items():
            _refuse_repeated_keys(inner, (*path, key))
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            _refuse_repeated_keys(inner, (*path, index))


def _path(location: tuple[int | str, ...]) -> str:
    path = ""
    for step in location:
        if step not in (NUMBER, BY_PLACE, "[key]"):
            path += f"[{step}]" if isinstance(step, int) else f".{step}" if path else step
    return path or "$"


def _sentence(kind: str, message: str) -> str:
    own = {
        "missing": "This key is missing.",
        "extra_forbidden": "This key is not known.",
        "json_invalid": "This is not JSON.",
    }
    return own.get(kind) or f"{message.rstrip('.')}."
