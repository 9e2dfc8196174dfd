"""One fixed event of every kind, with people who do not exist: what the golden files hold and many tests send."""

from datetime import UTC, date, datetime

from shared.course_facts import DeclinedCounter, KnownAnswer, Label, Offer, PossibleStart, Stall
from shared.envelope import Envelope
from shared.events import (
    EVENTS,
    AnswerHeld,
    AnswerNoted,
    ApplicationAdmitted,
    ApplicationDeclined,
    ApplicationState,
    ApplicationSubmitted,
    ApplicationWaitlisted,
    ApplicationWithdrawn,
    AvoidedHours,
    ConsultantChanged,
    ConsultantRegistered,
    ConsultantState,
    ContactChanged,
    CounterDeclined,
    CourseBooked,
    CourseCancelled,
    CourseCompleted,
    CourseRebooked,
    CourseStalled,
    CourseState,
    DatesOffered,
    Event,
    HeldAnswer,
    InvitationAnswered,
    LinkIssued,
    MailReturned,
    Meeting,
    MessageBounced,
    MessageFailed,
    MessageSent,
    MessageState,
    NewDatesRequested,
    ReturnedMail,
    StaffAct,
    StaffActed,
    UnavailablePeriod,
    Wishes,
)
from shared.said import CalendarAnswer, CounterProposal, DateChosen, DatesAsked
from shared.sealing import Sealed

APPLICATION_ID = "0193fd6a-0000-7000-8000-000000000001"
CONSULTANT_ID = "0193fd6a-0000-7000-8000-000000000002"
LEADER_ID = "0193fd6a-0000-7000-8000-000000000003"
EMPLOYEE_ID = "0193fd6a-0000-7000-8000-000000000004"
SECOND_ID = "0193fd6a-0000-7000-8000-000000000005"
EVENT_ID = "0193fd6a-0000-7000-8000-0000000000ff"
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
SUBMITTED_AT = datetime(2026, 11, 23, 8, 30, 15, 123456, tzinfo=UTC)
ADMITTED_AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DECIDED_AT = datetime(2026, 11, 24, 12, 0, 1, tzinfo=UTC)


def sealed(key_id: str) -> Sealed:
    """A block in the right shape. Nothing opens it: its bytes are fixed, so that the files stay the same."""
    return Sealed(key_id=key_id, nonce="AAECAwQFBgcICQoL", box="c2VhbGVkIGJ5IG5vYm9keSwgb3BlbmVkIGJ5IG5vYm9keQ==")


PEOPLE = {LEADER_ID: sealed(f"person:{LEADER_ID}"), EMPLOYEE_ID: sealed(f"person:{EMPLOYEE_ID}")}
MATTER = sealed(f"application:{APPLICATION_ID}")

SUBMITTED = ApplicationState(
    application_id=APPLICATION_ID,
    reference="SPARK-7K4M-2QX9",
    programme="spark",
    kind="single",
    format="two_meetings",
    state="submitted",
    committee="trio",
    municipalities=("751",),
    sector="elder_care",
    employees=48,
    participants=12,
    earliest_start=date(2027, 1, 11),
    wishes=Wishes(
        avoid_weekdays=("fri",),
        avoid_hours=(AvoidedHours(weekday="mon", from_time="08:00", to_time="10:00"),),
        unavailable=(UnavailablePeriod(start="2027-02-08T00:00", end="2027-02-15T00:00"),),
        preferred_hours=("09:00", "15:00"),
    ),
    submitted_at=SUBMITTED_AT,
    needs_confirmation=True,
    contacts=(LEADER_ID, EMPLOYEE_ID),
    people=PEOPLE,
    matter=MATTER,
)
ADMITTED = SUBMITTED.model_copy(
    update={"state": "admitted", "admitted_at": ADMITTED_AT, "confirmed_by": (EMPLOYEE_ID,)}
)
DECLINED = SUBMITTED.model_copy(
    update={"state": "declined", "declined_at": DECIDED_AT, "declined_ground": "not_covered"}
)
WITHDRAWN = ADMITTED.model_copy(update={"state": "withdrawn", "withdrawn_at": DECIDED_AT})

MEETINGS = (
    Meeting(
        meeting_id="0193fd6a-0000-7000-8000-000000000011",
        code="opening",
        place="online",
        minutes=60,
        start=datetime(2027, 1, 12, 8, 0, tzinfo=UTC),
        wall_start="2027-01-12T09:00",
        zone="Europe/Copenhagen",
        uid="0193fd6a-0000-7000-8000-000000000011@forloeb.example",
        sequence=0,
        dtstamp=DECIDED_AT,
        status="confirmed",
    ),
    Meeting(
        meeting_id="0193fd6a-0000-7000-8000-000000000012",
        code="follow_up",
        place="workplace",
        minutes=180,
        start=datetime(2027, 6, 15, 7, 0, tzinfo=UTC),
        wall_start="2027-06-15T09:00",
        zone="Europe/Copenhagen",
        uid="0193fd6a-0000-7000-8000-000000000012@forloeb.example",
        sequence=0,
        dtstamp=DECIDED_AT,
        status="confirmed",
    ),
)
BOOKED = CourseState(
    application_id=APPLICATION_ID,
    reference="SPARK-7K4M-2QX9",
    programme="spark",
    kind="single",
    state="booked",
    earliest=date(2027, 1, 11),
    latest=date(2027, 5, 25),
    consultant_id=CONSULTANT_ID,
    meetings=MEETINGS,
    decided_at=DECIDED_AT,
    contacts=(LEADER_ID, EMPLOYEE_ID),
    people={**PEOPLE, CONSULTANT_ID: sealed(f"person:{CONSULTANT_ID}")},
    matter=MATTER,
)
REBOOKED = BOOKED.model_copy(
    update={
        "second_id": SECOND_ID,
        "meetings": (
            MEETINGS[0],
            MEETINGS[1].model_copy(
                update={
                    "start": datetime(2027, 6, 16, 11, 0, tzinfo=UTC),
                    "wall_start": "2027-06-16T13:00",
                    "workplace": 1,
                    "sequence": 1,
                    "dtstamp": DECIDED_AT.replace(second=2),
                }
            ),
        ),
        "people": {**BOOKED.people, SECOND_ID: sealed(f"person:{SECOND_ID}")},
    }
)
WAITING = BOOKED.model_copy(
    update={
        "state": "waiting",
        "consultant_id": None,
        "meetings": (),
        "reasons": {"theme": 9, "no_time": 3},
        "people": PEOPLE,
    }
)
CANCELLED = BOOKED.model_copy(
    update={
        "state": "cancelled",
        "meetings": tuple(
            meeting.model_copy(update={"status": "cancelled", "sequence": 1, "dtstamp": DECIDED_AT.replace(second=2)})
            for meeting in MEETINGS
        ),
    }
)
LABEL = Label(da="Opstartsmøde", en="Opening meeting")
ANSWERED = BOOKED.model_copy(
    update={
        "meetings": tuple(
            one.model_copy(
                update={
                    "label": LABEL,
                    "reply_ids": {LEADER_ID: "00112233445566778899", CONSULTANT_ID: "aabbccddeeff00112233"},
                    "attendees": (LEADER_ID, CONSULTANT_ID),
                }
            )
            for one in MEETINGS
        ),
        "answers": (
            KnownAnswer(
                meeting_id=MEETINGS[0].meeting_id,
                person_id=LEADER_ID,
                partstat="ACCEPTED",
                sequence=0,
                dtstamp=DECIDED_AT,
                at=DECIDED_AT,
            ),
        ),
    }
)
POSSIBLE = PossibleStart(start=datetime(2027, 1, 19, 8, 0, tzinfo=UTC), wall_start="2027-01-19T09:00")
OFFERED = BOOKED.model_copy(
    update={
        "offer": Offer(
            number=3,
            meeting_id=MEETINGS[0].meeting_id,
            person_id=LEADER_ID,
            starts=(POSSIBLE,),
            at=DECIDED_AT,
            until=DECIDED_AT.replace(minute=10),
        )
    }
)
STALLED = BOOKED.model_copy(
    update={
        "cause": "consultant_declined",
        "stall": Stall(since=DECIDED_AT, cause="consultant_declined", meetings=(MEETINGS[1].meeting_id,)),
    }
)
COUNTERED = BOOKED.model_copy(
    update={
        "declined_counters": (
            DeclinedCounter(
                number=2,
                meeting_id=MEETINGS[0].meeting_id,
                person_id=CONSULTANT_ID,
                proposed=PossibleStart(start=datetime(2027, 1, 16, 8, 0, tzinfo=UTC), wall_start="2027-01-16T09:00"),
                starts=(POSSIBLE,),
                at=DECIDED_AT,
            ),
        )
    }
)
SAID = ADMITTED.model_copy(
    update={
        "said": (
            CalendarAnswer(
                number=1,
                meeting_id=MEETINGS[0].meeting_id,
                person_id=LEADER_ID,
                partstat="ACCEPTED",
                sequence=0,
                dtstamp=DECIDED_AT,
                at=DECIDED_AT,
            ),
            CounterProposal(
                number=2,
                meeting_id=MEETINGS[0].meeting_id,
                person_id=CONSULTANT_ID,
                start=datetime(2027, 1, 16, 8, 0, tzinfo=UTC),
                sequence=0,
                dtstamp=DECIDED_AT,
                at=DECIDED_AT,
            ),
        ),
        "said_count": 2,
    }
)
ASKED = SAID.model_copy(
    update={
        "said": (
            DatesAsked(number=3, meeting_id=MEETINGS[0].meeting_id, person_id=LEADER_ID, at=DECIDED_AT),
            DateChosen(
                number=4,
                meeting_id=MEETINGS[0].meeting_id,
                person_id=LEADER_ID,
                offer=3,
                start=POSSIBLE.start,
                at=DECIDED_AT,
            ),
        ),
        "said_count": 4,
    }
)
CONSULTANT = ConsultantState(
    consultant_id=CONSULTANT_ID,
    active=True,
    municipality="751",
    themes=("cooperation", "wellbeing"),
    sectors=("elder_care", "schools"),
    max_courses=6,
    changed_at=SUBMITTED_AT,
    person=sealed(f"person:{CONSULTANT_ID}"),
)
MESSAGE = MessageState(
    message_id="0193fd6a-0000-5000-8000-000000000021",
    application_id=APPLICATION_ID,
    person_id=LEADER_ID,
    kind="receipt",
    internet_message_id="<0193fd6a-0000-5000-8000-000000000021@forloeb.example>",
    state="accepted",
    attempts=1,
    created_at=SUBMITTED_AT,
    decided_at=ADMITTED_AT,
    code=250,
    enhanced_code="2.0.0",
)

SAMPLES: dict[type[Event], Event] = {
    type(event): event
    for event in (
        ApplicationSubmitted(application=SUBMITTED),
        ApplicationAdmitted(application=ADMITTED),
        ApplicationDeclined(application=DECLINED),
        ApplicationWithdrawn(application=WITHDRAWN),
        LinkIssued(application=ADMITTED),
        ContactChanged(application=ADMITTED),
        InvitationAnswered(application=SAID),
        NewDatesRequested(application=ASKED),
        AnswerHeld(
            application=SAID,
            held=HeldAnswer(
                held_id="0193fd6a-0000-7000-8000-000000000031",
                person_id=CONSULTANT_ID,
                meeting_id=MEETINGS[0].meeting_id,
                partstat="DECLINED",
                at=DECIDED_AT,
                until=DECIDED_AT.replace(day=27),
            ),
            person=sealed(f"person:{CONSULTANT_ID}"),
        ),
        MailReturned(
            application=SAID.model_copy(
                update={
                    "returned": (
                        ReturnedMail(
                            number=1,
                            message_id="0193fd6a-0000-5000-8000-000000000021",
                            action="failed",
                            status="5.1.1",
                            at=DECIDED_AT,
                        ),
                    ),
                    "returned_count": 1,
                }
            )
        ),
        CourseBooked(course=BOOKED),
        CourseStalled(course=STALLED),
        AnswerNoted(course=ANSWERED),
        DatesOffered(course=OFFERED),
        CounterDeclined(course=COUNTERED),
        CourseRebooked(course=REBOOKED),
        CourseCancelled(course=CANCELLED),
        CourseCompleted(course=BOOKED.model_copy(update={"state": "completed"})),
        ApplicationWaitlisted(course=WAITING),
        ConsultantRegistered(consultant=CONSULTANT),
        ConsultantChanged(consultant=CONSULTANT.model_copy(update={"active": False})),
        MessageSent(message=MESSAGE),
        MessageBounced(
            message=MESSAGE.model_copy(
                update={
                    "state": "bounced",
                    "code": None,
                    "enhanced_code": "5.1.1",
                    "reason": "no_such_recipient",
                    "undeliverable": True,
                }
            )
        ),
        MessageFailed(
            message=MESSAGE.model_copy(
                update={
                    "kind": "invite",
                    "meeting_id": MEETINGS[0].meeting_id,
                    "state": "failed",
                    "attempts": 3,
                    "code": 550,
                    "enhanced_code": "5.1.1",
                }
            )
        ),
        StaffActed(
            staff_act=StaffAct(
                account="karen",
                role="coordinator",
                service="scheduler",
                act="course.moved",
                aggregate_id=APPLICATION_ID,
                acted_at=DECIDED_AT,
            )
        ),
    )
}
SUBJECTS = {
    "forloeb.applications": APPLICATION_ID,
    "forloeb.courses": APPLICATION_ID,
    "forloeb.consultants": CONSULTANT_ID,
    "forloeb.messages": MESSAGE.message_id,
    "forloeb.audit": APPLICATION_ID,
}
SOURCES = {
    "forloeb.applications": "/forloeb/intake",
    "forloeb.courses": "/forloeb/scheduler",
    "forloeb.consultants": "/forloeb/scheduler",
    "forloeb.messages": "/forloeb/notifier",
    "forloeb.audit": "/forloeb/scheduler",
}


def envelope_of(kind: type[Event], **changes: object) -> Envelope:
    """The envelope that belongs to the sample of this kind."""
    fields: dict[str, object] = {
        "id": EVENT_ID,
        "source": SOURCES[kind.topic],
        "type": kind.type,
        "subject": SUBJECTS[kind.topic],
        "time": DECIDED_AT,
        "sequence": 1,
        "traceparent": TRACEPARENT,
    }
    return Envelope(**(fields | changes))  # type: ignore[arg-type]


assert SAMPLES.keys() == set(EVENTS.values()), "every event has a sample"
