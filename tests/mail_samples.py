"""Facts of each kind of mail, with characters that must be escaped somewhere."""

from dataclasses import replace
from datetime import date, datetime
from typing import get_args
from zoneinfo import ZoneInfo

from services.notifier.compose import Voice
from services.notifier.course_mail_facts import (
    ChangedFacts,
    CourseBookedFacts,
    CourseCancelledFacts,
    CourseChangedFacts,
    CourseLeftFacts,
    CourseStalledFacts,
    StallReportFacts,
    Why,
)
from services.notifier.fact_parts import MeetingFacts, PersonFacts, Reader, TimeFacts
from services.notifier.facts import (
    DeclinedFacts,
    Facts,
    NewLinkFacts,
    ReceiptFacts,
    WaitingListFacts,
    WithdrawnFacts,
)
from services.notifier.meeting_mail_facts import (
    CancellationFacts,
    ConfirmAnswerFacts,
    CounterDeclinedFacts,
    HeldAs,
    InviteFacts,
)

COPENHAGEN = ZoneInfo("Europe/Copenhagen")
VOICE = Voice(programme="SPARK", sender="SPARK-sekretariatet", privacy_url="https://forloeb.example/persondata")
REFERENCE = "SPARK-7K4M-2QX9"

MEETINGS = (
    MeetingFacts(
        label="Planlægningsmøde",
        starts=datetime(2027, 1, 12, 9, 0, tzinfo=COPENHAGEN),
        ends=datetime(2027, 1, 12, 12, 0, tzinfo=COPENHAGEN),
        place="Plejecenter Åbrinken & Søn, Søndergade 1, 6200 Aabenraa",
        preparation="Tal sammen om <jeres> hverdag & tag stikord med.",
    ),
    MeetingFacts(
        label="Workshop 1",
        starts=datetime(2027, 6, 15, 12, 30, tzinfo=COPENHAGEN),
        ends=datetime(2027, 6, 15, 15, 30, tzinfo=COPENHAGEN),
    ),
)
MOVED = ChangedFacts(
    meeting=MEETINGS[0],
    was=replace(
        MEETINGS[0],
        starts=datetime(2027, 1, 11, 9, 0, tzinfo=COPENHAGEN),
        ends=datetime(2027, 1, 11, 12, 0, tzinfo=COPENHAGEN),
    ),
)
NOW_ONLINE = ChangedFacts(meeting=replace(MEETINGS[0], place="online"), was=MEETINGS[0])
MOVED_AWAY = ChangedFacts(
    meeting=replace(MEETINGS[0], place="Rådhuset & Co, Torvet 1, 6200 Aabenraa"), was=replace(MOVED.was, place="online")
)
PROPOSED = TimeFacts(
    datetime(2027, 1, 14, 9, 0, tzinfo=COPENHAGEN),
    datetime(2027, 1, 14, 12, 0, tzinfo=COPENHAGEN),
)
POSSIBLE = tuple(
    TimeFacts(datetime(2027, 1, day, 13, 0, tzinfo=COPENHAGEN), datetime(2027, 1, day, 16, 0, tzinfo=COPENHAGEN))
    for day in (14, 15, 19)
)
UNTIL = datetime(2027, 1, 8, 15, 30, tzinfo=COPENHAGEN)
PEOPLE = (
    PersonFacts("Åse <Holm>", "leader", mail="ase@kommune.example", phone="12 34 56 78"),
    PersonFacts("Bo & Lind", "employee"),
)

FACTS: dict[str, Facts] = {
    "receipt": ReceiptFacts(
        reference=REFERENCE,
        answer_days=5,
        confirm_url="https://forloeb.example/confirm/t0k?a=1&b=2",
        status_url="https://forloeb.example/status/t0k",
    ),
    "receipt-trusted": ReceiptFacts(reference=REFERENCE, answer_days=5, answer_before=date(2026, 11, 9)),
    "receipt-reviewed": ReceiptFacts(
        reference=REFERENCE,
        answer_days=10,
        confirm_url="https://forloeb.example/confirm/t0k",
        reviewed=True,
    ),
    "waiting_list": WaitingListFacts(
        reference=REFERENCE, start_before=date(2027, 5, 3), status_url="https://forloeb.example/status/t0k"
    ),
    "waiting_list-again": WaitingListFacts(
        reference=REFERENCE, again=True, status_url="https://forloeb.example/status/t0k"
    ),
    "course_booked": CourseBookedFacts(
        reference=REFERENCE,
        reader="contact",
        meetings=MEETINGS,
        people=(PersonFacts("Dorthe Krogh", "consultant"), PEOPLE[1]),
        status_url="https://forloeb.example/status/t0k",
    ),
    "course_booked-consultant": CourseBookedFacts(
        reference=REFERENCE,
        reader="consultant",
        meetings=MEETINGS,
        people=PEOPLE,
        workplaces=("Plejecenter Åbrinken, Søndergade 1, 6200 Aabenraa",),
    ),
    "course_booked-second": CourseBookedFacts(
        reference=REFERENCE, reader="consultant", meetings=MEETINGS[:1], people=PEOPLE, second=True
    ),
    "course_booked-to-tailor": CourseBookedFacts(
        reference=REFERENCE,
        reader="consultant",
        meetings=MEETINGS,
        people=PEOPLE,
        plan_url="https://forloeb.example/plan/t0k",
    ),
    "course_changed": CourseChangedFacts(
        reference=REFERENCE,
        reader="contact",
        why=("consultant_gone", "new_dates"),
        changed=(MOVED,),
        handed_over=True,
        meetings=MEETINGS,
        people=(PersonFacts("Dorthe Krogh", "consultant"), PEOPLE[1]),
        status_url="https://forloeb.example/status/t0k",
    ),
    "course_changed-people": CourseChangedFacts(
        reference=REFERENCE, reader="contact", handed_over=True, meetings=MEETINGS, people=PEOPLE
    ),
    "course_changed-consultant": CourseChangedFacts(
        reference=REFERENCE,
        reader="consultant",
        why=("counter",),
        changed=(MOVED, MOVED_AWAY, NOW_ONLINE),
        meetings=MEETINGS,
        people=PEOPLE,
        plan_url="https://forloeb.example/plan/t0k",
    ),
    "course_changed-tailored": CourseChangedFacts(
        reference=REFERENCE,
        reader="contact",
        why=("tailored",),
        added=MEETINGS[1:],
        dropped=MEETINGS[:1],
        second="came",
        meetings=MEETINGS[1:],
        people=PEOPLE,
        status_url="https://forloeb.example/status/t0k",
    ),
    "course_changed-second": CourseChangedFacts(
        reference=REFERENCE, reader="consultant", why=("tailored",), left=MEETINGS[:1], invited=False, second="went"
    ),
    "course_changed-in-doubt": CourseChangedFacts(
        reference=REFERENCE,
        reader="contact",
        why=("consultant_away",),
        changed=(MOVED,),
        in_doubt=MEETINGS[1:],
        meetings=MEETINGS,
    ),
    "course_changed-resolved": CourseChangedFacts(
        reference=REFERENCE, reader="contact", resolved=True, invited=False, meetings=MEETINGS
    ),
    "course_changed-other": CourseChangedFacts(reference=REFERENCE, reader="contact", meetings=MEETINGS),
    **{
        f"course_changed-{why}-{reader}": CourseChangedFacts(
            reference=REFERENCE, reader=reader, why=(why,), changed=(MOVED,)
        )
        for why in get_args(Why)
        for reader in get_args(Reader)
    },
    "course_stalled": CourseStalledFacts(
        reference=REFERENCE, meetings=MEETINGS[:1], status_url="https://forloeb.example/status/t0k"
    ),
    "course_stalled-two": CourseStalledFacts(reference=REFERENCE, meetings=MEETINGS),
    "stall_report": StallReportFacts(
        reference=REFERENCE, meetings=1, course_url="https://forloeb.example/coordinator/courses/a001"
    ),
    "stall_report-two": StallReportFacts(
        reference=REFERENCE, meetings=2, course_url="https://forloeb.example/coordinator/courses/a001"
    ),
    "course_left": CourseLeftFacts(reference=REFERENCE),
    "course_cancelled": CourseCancelledFacts(
        reference=REFERENCE,
        reader="contact",
        meetings_cancelled=True,
        phone="12 34 56 78",
        mail="kontakt@forloeb.example",
    ),
    "course_cancelled-waiting": CourseCancelledFacts(
        reference=REFERENCE,
        reader="contact",
        meetings_cancelled=False,
        phone="12 34 56 78",
        mail="kontakt@forloeb.example",
    ),
    "course_cancelled-consultant": CourseCancelledFacts(
        reference=REFERENCE, reader="consultant", meetings_cancelled=True
    ),
    "invite": InviteFacts(meeting=MEETINGS[0]),
    "invite-changed": InviteFacts(meeting=MEETINGS[1], changed=True),
    "invite-reworded": InviteFacts(meeting=MEETINGS[1], changed=True, reworded=True),
    "cancellation": CancellationFacts(meeting=MEETINGS[0]),
    "cancellation-one": CancellationFacts(meeting=MEETINGS[0], whole_meeting=False),
    "counter_declined": CounterDeclinedFacts(
        reference=REFERENCE,
        reader="contact",
        meeting=MEETINGS[0],
        proposed=PROPOSED,
        possible=POSSIBLE,
        status_url="https://forloeb.example/status/t0k",
    ),
    "counter_declined-consultant": CounterDeclinedFacts(
        reference=REFERENCE, reader="consultant", meeting=MEETINGS[0], proposed=PROPOSED, possible=POSSIBLE[:1]
    ),
    "counter_declined-nothing": CounterDeclinedFacts(reference=REFERENCE, reader="consultant", meeting=MEETINGS[0]),
    "confirm_answer-proposed": ConfirmAnswerFacts(
        reference=REFERENCE,
        answer="other_time",
        until=UNTIL,
        answer_url="https://forloeb.example/svar/t0k",
        meeting=MEETINGS[0],
        proposed=PROPOSED,
    ),
    **{
        f"confirm_answer-{answer}": ConfirmAnswerFacts(
            reference=REFERENCE,
            answer=answer,
            until=UNTIL,
            answer_url="https://forloeb.example/svar/t0k",
            meeting=meeting,
        )
        for answer in get_args(HeldAs)
        for meeting in (MEETINGS[0] if answer != "maybe" else None,)
    },
    "new_link": NewLinkFacts(reference=REFERENCE, status_url="https://forloeb.example/status/t0k"),
    "declined": DeclinedFacts(
        reference=REFERENCE,
        ground="I har allerede et forløb i gang <hos> os & andre.",
        phone="12 34 56 78",
        mail="kontakt@forloeb.example",
    ),
    "withdrawn": WithdrawnFacts(reference=REFERENCE, reader="contact", meetings_cancelled=True),
    "withdrawn-unbooked": WithdrawnFacts(reference=REFERENCE, reader="contact", meetings_cancelled=False),
    "withdrawn-consultant": WithdrawnFacts(reference=REFERENCE, reader="consultant", meetings_cancelled=True),
}
