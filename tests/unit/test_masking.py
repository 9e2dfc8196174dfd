import json
from types import SimpleNamespace
from typing import Any

import pytest
from pydantic import BaseModel

from services.monitor.masking import HIDDEN, code, masked
from services.monitor.sighting import BODY_CHARACTERS_MAX, sighting
from shared.envelope import to_headers
from shared.events import DEAD_LETTERS, EVENTS, CourseBooked, Event, MailReturned, MessageBounced
from shared.sealing import Sealed
from tests.event_samples import APPLICATION_ID, LEADER_ID, SAMPLES, envelope_of

CANARY = "Kanariefugl Hansen"
CANARY_WORD = "kanariefugl"
KINDS = pytest.mark.parametrize("kind", EVENTS.values(), ids=lambda kind: kind.__name__)


def record(kind: type[Event] = CourseBooked, **changes: Any) -> SimpleNamespace:
    fields = {
        "topic": kind.topic,
        "partition": 3,
        "offset": 14,
        "timestamp": 1_795_000_000_000,
        "key": APPLICATION_ID.encode(),
        "headers": to_headers(envelope_of(kind)),
        "value": SAMPLES[kind].model_dump_json().encode(),
    }
    return SimpleNamespace(**(fields | changes))


def everything_shown(shown: SimpleNamespace) -> str:
    seen = sighting(shown)
    return json.dumps(seen.listed() | {"body": seen.body}, ensure_ascii=False).lower()


@KINDS
def test_an_event_is_shown_with_its_facts_and_its_blocks_as_sealed(kind: type[Event]) -> None:
    """Whatever is declared is there; of a sealed block only the name of its key."""
    seen = sighting(record(kind))
    assert seen.fault is None
    assert (seen.type, seen.sequence) == (kind.type, 1)
    assert seen.body is not None
    hidden = seen.body.count('"hidden"')
    assert hidden == 2 * seen.body.count('"label": {'), "all else is ids, codes, numbers and instants"
    assert '"box"' not in seen.body
    assert '"nonce"' not in seen.body
    assert seen.body.count('"sealed"') == str(SAMPLES[kind].model_dump()).count("'nonce'")


@KINDS
def test_what_lies_in_a_sealed_block_is_never_shown(kind: type[Event]) -> None:
    """Not its ciphertext, and no field that somebody put beside it."""
    body = json.loads(SAMPLES[kind].model_dump_json())
    spoiled = _with_canaries(body)
    assert CANARY_WORD not in everything_shown(record(kind, value=json.dumps(spoiled).encode()))


@KINDS
def test_unknown_fields_are_never_shown(kind: type[Event]) -> None:
    """A field that this version does not know, named like a person or not, at any depth, is left out with its name."""
    body = json.loads(SAMPLES[kind].model_dump_json())
    for part in (body, *body.values()):
        part |= {"name": CANARY_WORD, "human": {"mail": "kanariefugl@example.dk"}, CANARY: 1, "note": CANARY}
    shown = everything_shown(record(kind, value=json.dumps(body).encode()))
    assert CANARY_WORD not in shown
    assert sighting(record(kind, value=json.dumps(body).encode())).fault is None


def test_text_in_a_field_meant_for_a_code_is_hidden() -> None:
    """A producer that puts a name, an address or a sentence where a code belongs does not make us show it."""
    for text in (CANARY, "kanariefugl@example.dk", "kanariefugl\n", "kanariefugl: Æblevej 3", "kanariefugl" * 20):
        sample = SAMPLES[CourseBooked].model_dump(mode="json")
        sample["course"] |= {"reference": text, "programme": text, "reasons": {text: 3}, "application_id": text}
        sample["course"]["meetings"][0] |= {"place": text, "code": text, "uid": text}
        assert CANARY_WORD not in everything_shown(record(value=json.dumps(sample).encode())), text


def test_a_key_id_that_is_no_id_is_hidden_too() -> None:
    """The name of a key is the only thing that a sealed block shows."""
    block = Sealed(key_id=CANARY, nonce="AAAA", box="AAAA")
    assert masked(block) == {"sealed": "?"}


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"value": b"{" + CANARY.encode()}, "body-invalid"),
        ({"value": json.dumps({"name": CANARY}).encode()}, "body-invalid"),
        ({"value": None}, "body-missing"),
        ({"value": b"[" * 100_000}, "body-invalid"),
        ({"value": b"x" * (768 * 1024 + 1)}, "body-oversized"),
        ({"headers": []}, "header-ce_specversion"),
        ({"headers": None}, "unreadable-TypeError"),
        ({"headers": [("ce_type", b"\xff"), ("x", None), (CANARY, CANARY.encode())]}, "header-ce_specversion"),
        ({"headers": to_headers(envelope_of(CourseBooked, type=CANARY_WORD, subject=CANARY_WORD))}, "unknown-type"),
        ({"headers": to_headers(envelope_of(CourseBooked, type="dk.forloeb.Later.v9"))}, "unknown-type"),
        ({"topic": "forloeb.messages"}, "wrong-topic"),
    ],
)
def test_what_cannot_be_read_is_still_seen_but_says_nothing(changes: dict[str, Any], fault: str) -> None:
    """Junk of any kind gives its place, its size and why it cannot be read."""
    junk = record(key=CANARY_WORD.encode(), **changes)
    seen = sighting(junk)
    assert (seen.id, seen.fault, seen.body) == (f"{junk.topic}/3/14", fault, None)
    assert CANARY_WORD not in everything_shown(junk)


def test_a_type_of_a_newer_producer_is_named() -> None:
    """Staff see that there is something that this version does not know."""
    seen = sighting(record(headers=to_headers(envelope_of(CourseBooked, type="dk.forloeb.Later.v9"))))
    assert (seen.type, seen.subject) == ("dk.forloeb.Later.v9", APPLICATION_ID)


def test_a_dead_letter_says_why_and_where_it_comes_from() -> None:
    """Its headers are read; its body is masked as that of the original."""
    reasons = {
        "reason": "seal-broken",
        "topic": "forloeb.courses",
        "partition": "1",
        "offset": "7",
        "group": "notifier",
    }
    ours = [(f"x-dlq-{name}", value.encode()) for name, value in reasons.items()]
    seen = sighting(record(topic=DEAD_LETTERS, headers=[*to_headers(envelope_of(CourseBooked)), *ours]))
    assert reasons.items() <= seen.facts.items()
    assert (seen.fault, seen.reference) == (None, "SPARK-7K4M-2QX9")
    assert seen.body is not None
    assert f'{{"sealed": "person:{LEADER_ID}"}}' in seen.body


def test_a_dead_letter_s_headers_show_codes_only() -> None:
    """Whoever wrote a text into them does not reach the page."""
    headers = [(f"x-dlq-{name}", CANARY.encode()) for name in ("reason", "topic", "group", "attempts")]
    assert CANARY_WORD not in everything_shown(record(topic=DEAD_LETTERS, headers=headers))


def test_numbers_beyond_any_count_do_not_reach_the_database() -> None:
    """A number that the database cannot hold would stop all that follows."""
    sample = SAMPLES[next(kind for kind in EVENTS.values() if kind.__name__ == "MessageSent")].model_dump(mode="json")
    sample["message"]["attempts"] = 10**40
    kind = EVENTS["dk.forloeb.MessageSent.v1"]
    seen = sighting(record(kind, value=json.dumps(sample).encode()))
    assert (seen.fault, seen.facts["attempts"]) == (None, None)


def test_a_body_too_large_to_show_is_left_out() -> None:
    """What one looks at stays small, however much one event holds."""
    sample = SAMPLES[CourseBooked].model_dump(mode="json")
    sample["course"]["reasons"] = {f"reason_{number}": number for number in range(BODY_CHARACTERS_MAX // 10)}
    seen = sighting(record(value=json.dumps(sample).encode()))
    assert (seen.fault, seen.body) == (None, None)


def test_a_model_nested_without_end_is_cut() -> None:
    """Depth is bounded."""

    class Nested(BaseModel):
        inner: "Nested | None" = None

    deep = Nested()
    for _ in range(100):
        deep = Nested(inner=deep)
    assert str(HIDDEN) in str(masked(deep))


def test_codes_are_told_from_texts() -> None:
    """Ids, codes and instants pass; names, sentences and addresses do not."""
    for text in ("0193fd6a-0000-7000", "person:0193", "2027-01-12T09:00", "Europe/Copenhagen", "error-ValueError"):
        assert code(text) == text
    for text in ("", "Ida Holm", "ida@example.dk", "Æ", "a\nb", "x" * 200, 7, None):
        assert code(text) is None


def _with_canaries(value: Any) -> Any:
    """The same, with a readable person in and beside every sealed block."""
    if isinstance(value, dict):
        if {"key_id", "nonce"} <= value.keys():
            return {**value, "box": CANARY_WORD, "nonce": CANARY_WORD, "plain": CANARY, "name": CANARY_WORD}
        return {name: _with_canaries(part) for name, part in value.items()}
    return [_with_canaries(part) for part in value] if isinstance(value, list) else value


def test_a_mail_that_did_not_arrive_says_why_in_codes() -> None:
    """The word for staff and the enhanced code; what a report about a mail says stands with the application's event."""
    sample, report = SAMPLES[MessageBounced], SAMPLES[MailReturned]
    assert isinstance(sample, MessageBounced)
    assert isinstance(report, MailReturned)
    told, last = sample.message, report.application.returned[-1]
    bounced = sighting(record(MessageBounced, value=sample.model_dump_json().encode()))
    assert (bounced.facts["state"], bounced.facts["reason"]) == ("bounced", told.reason)
    assert (bounced.facts["enhanced_code"], bounced.application_id) == (told.enhanced_code, told.application_id)
    returned = sighting(record(MailReturned, value=report.model_dump_json().encode()))
    assert (returned.facts["action"], returned.facts["enhanced_code"]) == (last.action, last.status)
    assert returned.reference is not None
