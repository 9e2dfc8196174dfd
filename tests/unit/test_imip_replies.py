"""Mails as calendar programs write them, each with what has to be understood of it: `tests/samples/replies`."""

import json
from pathlib import Path

import pytest

from services.intake.imip.read_mail import read
from services.intake.imip.understood import ALARMING, DROPPED
from services.intake.imip.verdict import verdict_of

REPLIES = Path(__file__).parents[1] / "samples" / "replies"
NAMES = sorted(path.stem for path in REPLIES.glob("*.eml"))
AUTHSERV_ID = "mx.forloeb.example"


@pytest.mark.parametrize("name", NAMES)
def test_a_mail_is_understood(name: str) -> None:
    """Every field that the file beside the mail names has the value that it names."""
    wanted = json.loads((REPLIES / f"{name}.json").read_text())
    understood = read((REPLIES / f"{name}.eml").read_bytes(), authserv_id=AUTHSERV_ID, envelope_from=None)
    said = {**understood.model_dump(mode="json"), "verdict": verdict_of(understood)[0]}
    assert {key: said[key] for key in wanted} == wanted
    assert understood.drop == (understood.reason in DROPPED)
    assert understood.alarm == (understood.reason in ALARMING)
