"""Reads calendar objects with parsers that share no code with the one that wrote them, into one common shape."""

import json
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import ics
import vobject
from ical.calendar_stream import IcsCalendarStream

from tests.node_packages import NODE, NODE_FOLDER, install_node_packages

READ_SECONDS_MAX = 60
NODE_PARSERS = ("ical.js", "node-ical")


@dataclass(frozen=True)
class Reading:
    """What one parser understood; times are UTC instants, addresses are lower-case without the scheme."""

    method: str
    uid: str
    sequence: int
    start: datetime
    end: datetime
    organizer: str
    attendees: tuple[str, ...]
    summary: str
    status: str | None


def read_with_vobject(raw: bytes) -> Reading:
    calendar = vobject.readOne(raw.decode())
    event = calendar.vevent
    return Reading(
        method=calendar.method.value,
        uid=event.uid.value,
        sequence=int(event.sequence.value),
        start=event.dtstart.value.astimezone(UTC),
        end=event.dtend.value.astimezone(UTC),
        organizer=_bare(event.organizer.value),
        attendees=tuple(_bare(attendee.value) for attendee in event.attendee_list),
        summary=event.summary.value,
        status=event.status.value if hasattr(event, "status") else None,
    )


def read_with_ics(raw: bytes) -> Reading:
    calendar = ics.Calendar(raw.decode())
    (event,) = calendar.events
    sequence = next(line.value for line in event.extra if line.name == "SEQUENCE")
    return Reading(
        method=calendar.method,
        uid=event.uid,
        sequence=int(sequence),
        start=event.begin.to("utc").datetime,
        end=event.end.to("utc").datetime,
        organizer=_bare(event.organizer.email),
        attendees=tuple(_bare(attendee.email) for attendee in event.attendees),
        summary=event.name,
        status=event.status,
    )


def read_with_ical(raw: bytes) -> Reading:
    """The `ical` of Home Assistant."""
    calendar = IcsCalendarStream.calendar_from_ics(raw.decode())
    (event,) = calendar.events
    assert isinstance(event.start, datetime)
    assert isinstance(event.end, datetime)
    assert event.organizer is not None
    return Reading(
        method=str(calendar.method),
        uid=str(event.uid),
        sequence=event.sequence or 0,
        start=event.start.astimezone(UTC),
        end=event.end.astimezone(UTC),
        organizer=_bare(str(event.organizer.uri)),
        attendees=tuple(_bare(str(one.uri)) for one in event.attendees),
        summary=event.summary or "",
        status=None if event.status is None else str(event.status.value),
    )


def read_with_node(objects: Sequence[bytes]) -> dict[str, list[Reading]]:
    """By parser (ical.js, node-ical); all objects in one Node process, one event in each."""
    output = _node_output(objects)
    return {parser: [_reading(*each[parser]) for each in output] for parser in NODE_PARSERS}


def read_with_ical_js(objects: Sequence[bytes]) -> list[Reading]:
    """All objects in one Node process."""
    return read_with_node(objects)["ical.js"]


def ical_js_output(objects: Sequence[bytes]) -> list[dict[str, Any]]:
    """The one event of each, as ical.js understood it."""
    return [each["ical.js"][0] for each in _node_output(objects)]


def events_in_node(raw: bytes) -> dict[str, list[dict[str, Any]]]:
    """All events of one calendar, by parser."""
    return _node_output([raw])[0]


def _reading(understood: dict[str, Any]) -> Reading:
    return Reading(
        method=understood["method"],
        uid=understood["uid"],
        sequence=understood["sequence"],
        start=datetime.fromisoformat(understood["start"]),
        end=datetime.fromisoformat(understood["end"]),
        organizer=_bare(understood["organizer"]),
        attendees=tuple(_bare(address) for address in understood["attendees"]),
        summary=understood["summary"],
        status=understood["status"],
    )


def _node_output(objects: Sequence[bytes]) -> list[dict[str, list[dict[str, Any]]]]:
    install_node_packages()
    finished = subprocess.run(
        [NODE, "read_invites.mjs"],
        cwd=NODE_FOLDER,
        input=json.dumps([raw.decode() for raw in objects]),
        capture_output=True,
        text=True,
        timeout=READ_SECONDS_MAX,
        check=False,
    )
    assert finished.returncode == 0, finished.stderr
    understood: list[dict[str, list[dict[str, Any]]]] = json.loads(finished.stdout)
    return understood


ONE_BY_ONE: dict[str, Callable[[bytes], Reading]] = {
    "vobject": read_with_vobject,
    "ics": read_with_ics,
    "ical": read_with_ical,
}


def _bare(address: str) -> str:
    return address.lower().removeprefix("mailto:")
