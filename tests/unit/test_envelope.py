import contextlib
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.envelope import Envelope, from_headers, to_headers
from shared.errors import RecordFaultError
from shared.events import CourseBooked
from tests.event_samples import envelope_of

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=60)
envelopes = st.builds(
    Envelope,
    id=texts,
    source=texts,
    type=texts,
    subject=texts,
    time=st.datetimes(timezones=st.just(UTC)),
    sequence=st.integers(min_value=1, max_value=10**15 - 1),
    traceparent=st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
)


@given(envelopes)
def test_what_is_written_is_read_again(envelope: Envelope) -> None:
    """Every envelope survives the trip through Kafka headers."""
    assert from_headers(to_headers(envelope)) == envelope


def changed(name: str, value: bytes | None) -> list[tuple[str, bytes | None]]:
    return [(each, value if each == name else old) for each, old in to_headers(envelope_of(CourseBooked))]


BAD_VALUES = {
    "ce_specversion": [b"0.3", b"", None, b"\xff\xfe"],
    "ce_id": [b"", None, b"\xff"],
    "ce_source": [b"", None, b"\xff"],
    "ce_type": [b"", None, b"\xff"],
    "ce_subject": [b"", None, b"\xc3\x28"],
    "ce_time": [b"", None, b"yesterday", b"2026-11-24T12:00:00", b"1795521600", b"\xff"],
    "ce_sequence": [b"", None, b"0", b"-1", b"1.5", b"one", "²".encode(), b"9" * 16, b" 1", b"\xff"],
}
CASES = [(name, value) for name, values in BAD_VALUES.items() for value in values]


@pytest.mark.parametrize(("name", "value"), CASES)
def test_a_bad_attribute_is_named_and_never_repeated(name: str, value: bytes | None) -> None:
    """Missing text, wrong form, bytes that are no UTF-8: the reason names the attribute and does not hold the value."""
    with pytest.raises(RecordFaultError) as caught:
        from_headers(changed(name, value))
    assert caught.value.reason == f"header-{name}"
    assert str(caught.value) == f"header-{name}"


@pytest.mark.parametrize("name", BAD_VALUES)
def test_a_missing_attribute_is_named(name: str) -> None:
    """A header that is not there has the same reason as one without text."""
    with pytest.raises(RecordFaultError) as caught:
        from_headers([(each, value) for each, value in changed("", b"") if each != name])
    assert caught.value.reason == f"header-{name}"


def test_other_headers_may_hold_anything() -> None:
    """Null, no UTF-8, unknown: what is not ours is not looked at."""
    others: list[tuple[str, bytes | None]] = [("x", None), ("y", b"\xff"), ("ce_extension", b"1"), ("", b"")]
    assert from_headers(others + changed("", b"")) == envelope_of(CourseBooked)


def test_a_missing_traceparent_is_no_fault() -> None:
    """Tracing is a help, not a condition."""
    assert from_headers(changed("traceparent", None)).traceparent == ""


def test_of_a_repeated_header_the_last_counts() -> None:
    """Kafka allows a name twice; both sides agree on which one it is."""
    assert from_headers([("ce_id", b"first"), *changed("", b"")]) == envelope_of(CourseBooked)


def test_times_of_other_zones_are_written_as_utc_and_stay_the_same_instant() -> None:
    """The wire has one zone."""
    there = timezone(timedelta(hours=2))
    envelope = envelope_of(CourseBooked, time=datetime(2027, 6, 15, 9, 0, tzinfo=there))
    assert dict(to_headers(envelope))["ce_time"] == b"2027-06-15T07:00:00+00:00"
    assert from_headers(to_headers(envelope)).time == envelope.time


@given(st.lists(st.tuples(st.text(max_size=12), st.none() | st.binary(max_size=12)), max_size=8))
def test_no_headers_whatever_raise_anything_but_a_record_fault(headers: list[tuple[str, bytes | None]]) -> None:
    """An error of another kind would be tried again as if our own code were at fault."""
    with contextlib.suppress(RecordFaultError):
        from_headers(headers)
