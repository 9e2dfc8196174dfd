import json
from pathlib import Path

import pytest

from shared.envelope import from_headers, to_headers
from shared.events import EVENTS, Event
from tests.event_samples import SAMPLES, envelope_of

GOLDEN = Path(__file__).with_name("golden")
KINDS = pytest.mark.parametrize("kind", EVENTS.values(), ids=lambda kind: kind.__name__)


def golden(kind: type[Event]) -> dict[str, object]:
    content: dict[str, object] = json.loads((GOLDEN / f"{kind.__name__}.json").read_text(encoding="utf-8"))
    return content


def produced(kind: type[Event]) -> dict[str, object]:
    """What goes over the wire, in the form of the golden files."""
    headers = {name: value.decode() for name, value in to_headers(envelope_of(kind))}
    return {"topic": kind.topic, "headers": headers, "body": json.loads(SAMPLES[kind].model_dump_json())}


@KINDS
def test_the_producer_writes_exactly_the_golden_file(kind: type[Event]) -> None:
    """Whoever changes an event changes its file, and so a contract; `python -m tests.contract.write_golden` writes them."""
    assert produced(kind) == golden(kind)


@KINDS
def test_a_consumer_reads_the_golden_file(kind: type[Event]) -> None:
    """Headers and body, as they stand in the file, give the same event and envelope again."""
    content = golden(kind)
    headers: dict[str, str] = content["headers"]  # type: ignore[assignment]
    envelope = from_headers([(name, value.encode()) for name, value in headers.items()])
    assert envelope == envelope_of(kind)
    assert EVENTS[envelope.type] is kind
    assert kind.model_validate_json(json.dumps(content["body"])) == SAMPLES[kind]


@KINDS
def test_a_consumer_ignores_what_a_newer_producer_adds(kind: type[Event]) -> None:
    """Unknown fields at every depth, and unknown headers, change nothing."""
    content = golden(kind)
    body = json.dumps(_with_unknown_fields(content["body"]))
    headers: dict[str, str] = content["headers"]  # type: ignore[assignment]
    rows = [*((name, value.encode()) for name, value in headers.items()), ("ce_newattribute", b"1"), ("x-other", None)]
    assert kind.model_validate_json(body) == SAMPLES[kind]
    assert from_headers(rows) == envelope_of(kind)


@KINDS
def test_a_consumer_refuses_a_body_that_lacks_its_state(kind: type[Event]) -> None:
    """An event without the aggregate's state is a fault, not an empty state."""
    with pytest.raises(ValueError, match="Field required"):
        kind.model_validate_json("{}")


def test_every_event_has_a_golden_file_and_every_file_an_event() -> None:
    """A new event comes with its file; an event that is gone leaves none."""
    assert {path.stem for path in GOLDEN.glob("*.json")} == {kind.__name__ for kind in EVENTS.values()}


def test_no_golden_body_holds_a_person_in_clear() -> None:
    """People, themes and workplaces stand in sealed blocks only: none of their field names is in any body."""
    for kind in EVENTS.values():
        names = _field_names(golden(kind)["body"])
        assert not names & {"name", "title", "mail", "email", "phone", "street", "town", "links", "invites", "ics"}
        if kind.topic != "forloeb.consultants":
            assert "themes" not in names


def _with_unknown_fields(value: object) -> object:
    if isinstance(value, dict):
        if {"key_id", "nonce"} <= value.keys():
            return {**value, "added_later": 1}
        keyed_by_id = all("-" in key for key in value) or all(isinstance(inner, int) for inner in value.values())
        inner = {key: _with_unknown_fields(each) for key, each in value.items()}
        return inner if keyed_by_id else {**inner, "added_later": {"x": [1]}}
    if isinstance(value, list):
        return [_with_unknown_fields(each) for each in value]
    return value


def _field_names(value: object) -> set[str]:
    if isinstance(value, dict):
        return set(value).union(*(_field_names(each) for each in value.values()))
    if isinstance(value, list):
        return set().union(*(_field_names(each) for each in value))
    return set()
