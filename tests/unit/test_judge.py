"""Who may answer for whom: the decision table row by row, and what no forged mail ever gets."""

from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake.imip.judge import Token, Verdict, clamped, effect_of, judge
from services.intake.imip.mail_domains import same_organisation
from services.intake.imip.row import Row
from services.intake.imip.understood import DROPPED, Reason, Understood
from shared.address_digest import digest as keyed

NOW = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
UID = "3f0b1c7e@forloeb.example"
LONE = "lone@bakken.example"
MINE = Row(
    application_id="a",
    meeting_id="m",
    person_id="p",
    function="contact",
    uid=UID,
    sequence=2,
    dtstamp=NOW - timedelta(days=1),
    start=NOW + timedelta(days=30),
    status="confirmed",
    address=LONE,
    ended_until=NOW + timedelta(days=60),
)
CONSULTANT = MINE.model_copy(update={"function": "consultant", "person_id": "c"})
ALIAS = "lone.leder@bakken.example"
SECRETARY = "kontor@bakken.example"


def digest(address: str) -> str:
    return keyed(address, key=b"k" * 32)


def mail(**facts: Any) -> Understood:
    """An answer "yes" as Lone's own program sends it, but for `facts`."""
    usual: dict[str, Any] = {
        "what": "answer",
        "reason": "ok",
        "method": "REPLY",
        "uid": UID,
        "attendee": LONE,
        "attendees": (LONE,),
        "partstat": "ACCEPTED",
        "sequence": 2,
        "dtstamp": NOW,
        "sender": LONE,
        "authentication": "pass",
    }
    return Understood(**{**usual, **facts})


def judged(
    understood: Understood, *, token: Token = "valid", row: Row = MINE, rows_of_uid: tuple[Row, ...] | None = None
) -> Verdict:
    return judge(
        understood,
        token=token,
        row=row if token == "valid" else None,
        rows_of_uid=(row,) if rows_of_uid is None else rows_of_uid,
        digest=digest,
        now=NOW,
    )


COUNTER = {"what": "counter", "method": "COUNTER", "partstat": None, "proposed_start": NOW + timedelta(days=31)}
DECLINED = {"partstat": "DECLINED"}
LOW: dict[str, Any] = {}
OTHERS = {"attendee": "mallory@evil.example", "attendees": ("mallory@evil.example",)}

TABLE: list[tuple[str, Token, Row, dict[str, Any], tuple[str, str, str, bool]]] = [
    ("hers and authenticated: taken", "valid", MINE, LOW, ("accept", "genuine", "low", False)),
    ("hers and authenticated, high: taken", "valid", CONSULTANT, DECLINED, ("accept", "genuine", "high", False)),
    (
        "hers, grey: taken and marked",
        "valid",
        MINE,
        {"authentication": "grey"},
        ("accept", "not-authenticated", "low", False),
    ),
    (
        "hers, grey, high: to be confirmed",
        "valid",
        CONSULTANT,
        {**DECLINED, "authentication": "grey"},
        ("confirm", "not-authenticated", "high", False),
    ),
    ("her secretary: taken", "valid", MINE, {"sender": SECRETARY}, ("accept", "secretary", "low", False)),
    (
        "her secretary, high: to be confirmed",
        "valid",
        MINE,
        {**COUNTER, "sender": SECRETARY},
        ("confirm", "secretary", "high", False),
    ),
    (
        "hers, and our server says no: parked",
        "valid",
        MINE,
        {"authentication": "fail"},
        ("park", "failed-authentication", "low", False),
    ),
    (
        "a secretary, grey: parked",
        "valid",
        MINE,
        {"sender": SECRETARY, "authentication": "grey"},
        ("park", "other-sender", "low", False),
    ),
    ("a stranger: parked", "valid", MINE, {"sender": "x@evil.example"}, ("park", "other-sender", "low", False)),
    (
        "a stranger, high: parked",
        "valid",
        CONSULTANT,
        {**COUNTER, "sender": "x@evil.example"},
        ("park", "other-sender", "high", False),
    ),
    ("a doubtful From: parked", "valid", MINE, {"sender": None}, ("park", "sender-doubtful", "low", False)),
    (
        "a forwarded invite, answered by another: parked, never added",
        "valid",
        MINE,
        OTHERS,
        ("park", "other-attendee", "low", False),
    ),
    ("the same, high: parked", "valid", CONSULTANT, {**COUNTER, **OTHERS}, ("park", "other-attendee", "low", False)),
    ("another UID: parked with alarm", "valid", MINE, {"uid": "other"}, ("park", "other-uid", "low", True)),
    (
        "two attendees: parked with alarm",
        "valid",
        MINE,
        {"what": "not_ours", "reason": "two-attendees", "alarm": True},
        ("park", "two-attendees", "low", True),
    ),
    (
        "parts disagree: parked with alarm",
        "valid",
        CONSULTANT,
        {"what": "not_ours", "reason": "parts-disagree", "alarm": True},
        ("park", "parts-disagree", "low", True),
    ),
    ("plain mailbox, all right: taken", "none", MINE, LOW, ("accept", "genuine", "low", False)),
    ("plain mailbox, high: to be confirmed", "none", CONSULTANT, DECLINED, ("confirm", "no-token", "high", False)),
    ("plain mailbox, grey: parked", "none", MINE, {"authentication": "grey"}, ("park", "no-token", "low", False)),
    ("plain mailbox, fail: parked", "none", MINE, {"authentication": "fail"}, ("park", "no-token", "low", False)),
    ("plain mailbox, secretary: parked", "none", MINE, {"sender": SECRETARY}, ("park", "no-token", "low", False)),
    ("plain mailbox, another attendee: parked", "none", MINE, OTHERS, ("park", "other-attendee", "low", False)),
    ("plain mailbox, UID unknown: dropped", "none", MINE, {"uid": "other"}, ("drop", "unknown-uid", "low", False)),
    (
        "plain mailbox, an ordinary mail: dropped",
        "none",
        MINE,
        {"what": "not_ours", "reason": "no-calendar-part", "uid": None},
        ("drop", "unknown-uid", "low", False),
    ),
    (
        "plain mailbox, not readable in time: parked",
        "none",
        MINE,
        {"what": "not_ours", "reason": "overran", "uid": None},
        ("park", "overran", "low", False),
    ),
    (
        "an ordinary mail to a token: parked",
        "valid",
        MINE,
        {"what": "not_ours", "reason": "no-calendar-part"},
        ("park", "no-calendar-part", "low", False),
    ),
    (
        "a token of somebody who was removed: dropped",
        "valid",
        MINE.model_copy(update={"revoked": True}),
        LOW,
        ("drop", "revoked", "low", False),
    ),
    (
        "long after the end: dropped",
        "valid",
        MINE.model_copy(update={"ended_until": NOW}),
        LOW,
        ("drop", "revoked", "low", False),
    ),
    (
        "a cancelled meeting: dropped",
        "valid",
        MINE.model_copy(update={"status": "cancelled"}),
        LOW,
        ("drop", "revoked", "low", False),
    ),
    (
        "plain mailbox, removed: dropped",
        "none",
        MINE.model_copy(update={"revoked": True}),
        LOW,
        ("drop", "revoked", "low", False),
    ),
    ("a token whose course is not known yet: waits", "unknown", MINE, LOW, ("wait", "unknown-token", "low", False)),
    (
        "a proposal without a time: parked",
        "valid",
        MINE,
        {**COUNTER, "proposed_start": None},
        ("park", "proposal-unreadable", "low", False),
    ),
]


@pytest.mark.parametrize(
    ("token", "row", "facts", "verdict"), [one[1:] for one in TABLE], ids=[one[0] for one in TABLE]
)
def test_the_decision_table(token: Token, row: Row, facts: dict[str, Any], verdict: tuple[str, str, str, bool]) -> None:
    """Each row of the table that says who may answer for whom."""
    found = judged(mail(**facts), token=token, row=row)
    assert (found.outcome, found.reason, found.effect, found.alarm) == verdict


@pytest.mark.parametrize("reason", sorted(DROPPED))
@pytest.mark.parametrize("token", ["valid", "none", "unknown"])
def test_what_is_no_answer_is_only_counted(reason: Reason, token: Token) -> None:
    """A bounce, an auto-reply or an invite of somebody else's is dropped, whatever address it came to."""
    assert judged(mail(what="not_ours", reason=reason, drop=True), token=token).outcome == "drop"


@pytest.mark.parametrize(
    ("row", "facts", "effect"),
    [
        (MINE, DECLINED, "low"),
        (CONSULTANT, DECLINED, "high"),
        (MINE.model_copy(update={"last_contact_to_decline": True}), DECLINED, "high"),
        (MINE.model_copy(update={"last_contact_to_decline": True}), LOW, "low"),
        (MINE.model_copy(update={"stands_declined": True}), {"partstat": "ACCEPTED"}, "high"),
        (CONSULTANT.model_copy(update={"stands_declined": True}), {"partstat": "ACCEPTED"}, "high"),
        (CONSULTANT.model_copy(update={"stands_declined": True}), {"partstat": "TENTATIVE"}, "low"),
        (MINE, COUNTER, "high"),
        (MINE, {"partstat": "DELEGATED"}, "high"),
        (CONSULTANT, {"partstat": "TENTATIVE"}, "low"),
        (CONSULTANT, LOW, "low"),
        (CONSULTANT.model_copy(update={"start": NOW}), DECLINED, "low"),
        (CONSULTANT.model_copy(update={"start": NOW}), COUNTER, "low"),
    ],
)
def test_what_makes_the_system_act_is_of_high_effect(row: Row, facts: dict[str, Any], effect: str) -> None:
    """Whatever moves, repairs or replaces is: the consultant's no, the last contact's no, a proposal, a delegation."""
    assert effect_of(mail(**facts), row, NOW) == effect


def test_a_counter_is_a_proposal_whatever_its_partstat_says() -> None:
    """One program writes ACCEPTED into its proposals: they are of high effect all the same."""
    assert effect_of(mail(**{**COUNTER, "partstat": "ACCEPTED"}), MINE, NOW) == "high"


def test_an_answer_in_her_name_says_so() -> None:
    """A secretary's answer is shown as hers; the person's own is not."""
    assert judged(mail(sender=SECRETARY)).answered_by == "other"
    assert judged(mail()).answered_by == "self"


def test_an_answer_that_our_server_does_not_vouch_for_is_marked() -> None:
    """Only grey answers carry the mark."""
    assert judged(mail(authentication="grey")).mark_grey
    assert not judged(mail()).mark_grey


def test_an_alias_that_staff_have_noted_counts_as_the_person() -> None:
    """As attendee and as sender; without the note it is somebody else."""
    facts = {"attendee": ALIAS, "attendees": (ALIAS,), "sender": ALIAS}
    assert judged(mail(**facts)).outcome == "park"
    assert judged(mail(**facts), row=MINE.model_copy(update={"aliases": (digest(ALIAS),)})).outcome == "accept"


@pytest.mark.parametrize("domain", ["gmail.com", "hotmail.dk", "outlook.com", "yahoo.co.uk", "icloud.com", "mail.dk"])
def test_a_mailbox_for_everybody_makes_no_colleagues(domain: str) -> None:
    """Two customers of one provider of mailboxes do not answer for each other."""
    row = MINE.model_copy(update={"address": f"lone@{domain}"})
    facts = {"attendee": f"lone@{domain}", "sender": f"mallory@{domain}"}
    assert judged(mail(**facts), row=row).outcome == "park"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("a@kommune.example", "b@KOMMUNE.example.", True),
        ("a@kommune.example", "b@evil.kommune.example", False),
        ("a@fibermail.dk", "b@fibermail.dk", False),
        ("a@kommune.example", "b@evilkommune.example", False),
        ("a", "b", False),
        ("a@", "b@", False),
    ],
)
def test_one_organisation_is_one_domain(one: str, other: str, same: bool) -> None:  # noqa: FBT001 - a parameter of the table
    """Neither a sub-domain nor a domain that ends alike."""
    assert same_organisation(one, other) is same


addresses = st.sampled_from(
    [LONE, LONE.upper(), ALIAS, SECRETARY, "x@evil.example", "", "lone@bakken.example.evil.example"]
)
mails = st.builds(
    mail,
    what=st.sampled_from(["answer", "counter", "not_ours"]),
    reason=st.sampled_from(["ok", "no-calendar-part", "two-attendees", "bounce", "overran"]),
    drop=st.booleans(),
    alarm=st.booleans(),
    uid=st.sampled_from([UID, "other", None]),
    attendee=st.one_of(st.none(), addresses),
    partstat=st.sampled_from(["ACCEPTED", "DECLINED", "TENTATIVE", "DELEGATED", None]),
    proposed_start=st.sampled_from([None, NOW + timedelta(days=40)]),
    sender=st.one_of(st.none(), addresses),
    authentication=st.sampled_from(["pass", "fail", "grey"]),
)
rows = st.builds(
    lambda function, last, revoked, aliases: MINE.model_copy(
        update={"function": function, "last_contact_to_decline": last, "revoked": revoked, "aliases": aliases}
    ),
    st.sampled_from(["contact", "consultant"]),
    st.booleans(),
    st.booleans(),
    st.sampled_from([(), (digest(ALIAS),)]),
)


@given(understood=mails, row=rows, token=st.sampled_from(["valid", "none", "unknown"]))
def test_no_forged_mail_is_ever_taken(
    understood: Understood, row: Row, token: Literal["valid", "none", "unknown"]
) -> None:
    """Nothing that our server refuted, that names somebody else or another meeting; nothing of high effect on a guess."""
    found = judged(understood, token=token, row=row)
    if found.outcome not in ("accept", "confirm"):
        return
    hers = {LONE, *([ALIAS] if row.aliases else [])}
    assert found.row == row
    assert understood.authentication != "fail"
    assert understood.what != "not_ours"
    assert not understood.drop
    assert not understood.alarm
    assert understood.uid == UID
    assert (understood.attendee or "").lower() in hers
    assert not row.revoked
    if found.outcome == "accept" and found.effect == "high":
        assert token == "valid"
        assert understood.authentication == "pass"
        assert (understood.sender or "").lower() in hers
    if token == "none" or (understood.sender or "").lower() not in hers:
        assert understood.authentication == "pass"


@pytest.mark.parametrize(
    ("facts", "sequence", "dtstamp"),
    [
        ({"sequence": 2**31 - 1}, 2, NOW),
        ({"sequence": None}, 0, NOW),
        ({"sequence": 1}, 1, NOW),
        ({"dtstamp": datetime(2099, 1, 1, tzinfo=UTC)}, 2, NOW),
        ({"dtstamp": NOW + timedelta(days=1)}, 2, NOW + timedelta(days=1)),
        ({"dtstamp": NOW + timedelta(days=1, seconds=1)}, 2, NOW),
        ({"dtstamp": NOW - timedelta(days=9)}, 2, NOW - timedelta(days=9)),
        ({"dtstamp": None, "sent_at": NOW - timedelta(hours=1)}, 2, NOW - timedelta(hours=1)),
        ({"dtstamp": None, "sent_at": datetime(2099, 1, 1, tzinfo=UTC)}, 2, NOW),
        ({"dtstamp": None}, 2, NOW),
    ],
)
def test_no_forged_number_makes_later_answers_look_old(facts: dict[str, Any], sequence: int, dtstamp: datetime) -> None:
    """SEQUENCE never above the meeting's own, DTSTAMP never far after the mail came."""
    assert clamped(mail(**facts), MINE, NOW) == (sequence, dtstamp)
