"""Reads calendar objects with parsers that share no code with the one that wrote them, into one common shape."""

import json
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import ics
import vobject

from tests.node_packages import NODE, NODE_FOLDER, install_node_packages

READ_SECONDS_MAX = 60


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


def read_with_ical_js(objects: Sequence[bytes]) -> list[Reading]:
    """All objects in one Node process."""
    return [
        Reading(
            method=each["method"],
            uid=each["uid"],
            sequence=each["sequence"],
            start=datetime.fromisoformat(each["start"]),
            end=datetime.fromisoformat(each["end"]),
            organizer=_bare(each["organizer"]),
            attendees=tuple(_bare(address) for address in each["attendees"]),
            summary=each["summary"],
            status=each["status"],
        )
        for each in ical_js_output(objects)
    ]


def ical_js_output(objects: Sequence[bytes]) -> list[dict[str, object]]:
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
    understood: list[dict[str, object]] = json.loads(finished.stdout)
    return understood


ONE_BY_ONE: dict[str, Callable[[bytes], Reading]] = {"vobject": read_with_vobject, "ics": read_with_ics}


def _bare(address: str) -> str:
    return address.lower().removeprefix("mailto:")
