from datetime import UTC, datetime

import pytest

from shared.envelope import RECORD_BYTES_MAX
from shared.events import ApplicationSubmitted, CourseBooked, StaffActed
from shared.outbox import OUTBOX_EVENTS_MAX, PendingEvent, Waiting, change, guard, new_document, pending, waiting
from tests.event_samples import APPLICATION_ID, EVENT_ID, SAMPLES, SUBMITTED, TRACEPARENT, envelope_of

NOW = datetime(2026, 11, 24, 12, 0, 1, tzinfo=UTC)


def event(sequence: int = 1, *, key: str = "") -> PendingEvent:
    return pending(
        SAMPLES[CourseBooked],
        event_id=f"{EVENT_ID}-{sequence}",
        source="/forloeb/scheduler",
        subject=APPLICATION_ID,
        sequence=sequence,
        now=NOW,
        traceparent=TRACEPARENT,
        key=key,
    )


def test_a_pending_event_has_its_envelope_topic_key_and_final_bytes() -> None:
    """What goes over the wire is decided when it is written, so that it is the same each time it is published."""
    made = event()
    assert made.envelope == envelope_of(CourseBooked, id=f"{EVENT_ID}-1")
    assert made.topic == "forloeb.courses"
    assert made.key == APPLICATION_ID
    assert CourseBooked.model_validate_json(made.body) == SAMPLES[CourseBooked]


def test_the_key_may_be_another_than_the_aggregate() -> None:
    """Messages are their own aggregates, and go into the partition of their application."""
    assert event(key="other").key == "other"


def test_an_event_survives_storage() -> None:
    """The same envelope and bytes come out of the document."""
    assert PendingEvent.from_document(event().to_document()) == event()


def test_an_event_that_consumers_would_refuse_is_refused_before_the_write() -> None:
    """In the outbox it could never be sent, and would block all later ones."""
    large = ApplicationSubmitted(application=SUBMITTED.model_copy(update={"committee": "x" * RECORD_BYTES_MAX}))
    with pytest.raises(ValueError, match="at most"):
        pending(large, event_id="1", source="/x", subject="1", sequence=1, now=NOW, traceparent=TRACEPARENT)


def test_a_new_document_holds_its_events_and_the_mark_for_the_relay() -> None:
    """State, events and mark are one insert."""
    document = new_document({"_id": "a", "state": "submitted"}, [event(1), event(2)], now=NOW)
    assert document == {
        "_id": "a",
        "state": "submitted",
        "version": 1,
        "event_sequence": 2,
        "outbox": [event(1).to_document(), event(2).to_document()],
        "relay_at": NOW,
    }


def test_a_new_document_without_events_has_no_mark() -> None:
    """The index of the mark is sparse: only what waits stands in it."""
    assert new_document({"_id": "a"}, [], now=NOW) == {"_id": "a", "version": 1, "event_sequence": 0, "outbox": []}


def test_a_change_with_events_sets_pushes_and_raises_in_one_update() -> None:
    """Nothing is replaced: a replace would race with the relay's pull."""
    update = change(now=NOW, fields={"state": "booked"}, events=[event(3), event(4)], remove=["claims"])
    assert update == {
        "$set": {"state": "booked", "relay_at": NOW, "event_sequence": 4},
        "$unset": {"claims": ""},
        "$inc": {"version": 1},
        "$push": {"outbox": {"$each": [event(3).to_document(), event(4).to_document()]}},
    }


def test_a_change_without_events_leaves_the_outbox_alone() -> None:
    """Neither mark nor sequence moves; an empty `$unset` would be refused by MongoDB, so it is not there."""
    assert change(now=NOW, fields={"seen": 1}) == {"$set": {"seen": 1}, "$inc": {"version": 1}}


def test_the_fields_handed_in_are_not_changed() -> None:
    """The caller may use its mapping again, for the next try."""
    fields = {"state": "booked"}
    change(now=NOW, fields=fields, events=[event()])
    assert fields == {"state": "booked"}


def test_the_guard_asks_for_the_version_and_for_room() -> None:
    """A full outbox is back-pressure, not a document of 16 MB."""
    assert guard("a", 7) == {"_id": "a", "version": 7, f"outbox.{OUTBOX_EVENTS_MAX - 1}": {"$exists": False}}


def test_waiting_reads_what_a_document_has_to_publish() -> None:
    """In the order of the array, with the version that the clearing update asks for."""
    document = new_document({"_id": "a"}, [event(1), event(2)], now=NOW)
    assert waiting(document) == Waiting(document_id="a", version=1, events=(event(1), event(2)))
    assert waiting(document).size_bytes == 2 * len(event(1).body)
    assert waiting({"_id": "a", "version": 3}) == Waiting(document_id="a", version=3, events=())


def test_what_staff_did_is_numbered_in_a_stream_of_its_own() -> None:
    """Wherever it stands among the events, the document's own number is left as it was, or raised by its own events."""
    acted = pending(
        SAMPLES[StaffActed],
        event_id=EVENT_ID,
        source="/forloeb/scheduler",
        subject=APPLICATION_ID,
        sequence=9,
        now=NOW,
        traceparent=TRACEPARENT,
    )
    assert "event_sequence" not in change(now=NOW, fields={}, events=[acted])["$set"]
    assert change(now=NOW, fields={}, events=[event(4), acted])["$set"]["event_sequence"] == 4
    assert new_document({"_id": "a"}, [acted], now=NOW)["event_sequence"] == 0
