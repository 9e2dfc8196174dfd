"""Samples of the mails about a whole course. Pure."""

from typing import get_args

from services.notifier.course_mail_facts import (
    CourseBookedFacts,
    CourseCancelledFacts,
    CourseChangedFacts,
    CourseLeftFacts,
    CourseStalledFacts,
    StallReportFacts,
    Why,
)
from services.notifier.fact_parts import Reader
from services.notifier.facts import Facts
from services.notifier.preview.sample_parts import (
    COLLEAGUE,
    CONSULTANT,
    EMPLOYEE,
    LEADER,
    MAIL,
    PHONE,
    PLAN_URL,
    REFERENCE,
    STAFF_URL,
    STATUS_URL,
    WORKPLACE,
    Parts,
)

_COURSE_URL = f"{STAFF_URL}/coordinator/courses/proeve"


def course_samples(of: Parts) -> dict[str, Facts]:
    """By kind, or kind and what is special about it."""
    return {**_booked(of), **_changed(of), **_changed_for_each_reason(of), **_in_doubt(of), **_over()}


def _booked(of: Parts) -> dict[str, Facts]:
    to_contact = CourseBookedFacts(
        reference=REFERENCE,
        reader="contact",
        meetings=of.meetings,
        people=(CONSULTANT, COLLEAGUE),
        status_url=STATUS_URL,
    )
    return {
        "course_booked": to_contact,
        "course_booked-decided": CourseBookedFacts(
            reference=REFERENCE,
            reader="contact",
            meetings=of.meetings,
            people=(CONSULTANT, COLLEAGUE),
            status_url=STATUS_URL,
            decided=True,
        ),
        "course_booked-consultant": CourseBookedFacts(
            reference=REFERENCE,
            reader="consultant",
            meetings=of.meetings,
            people=(LEADER, EMPLOYEE),
            workplaces=(WORKPLACE,),
            plan_url=PLAN_URL,
        ),
        "course_booked-second": CourseBookedFacts(
            reference=REFERENCE, reader="consultant", meetings=of.meetings[:1], people=(LEADER, EMPLOYEE), second=True
        ),
    }


def _changed(of: Parts) -> dict[str, Facts]:
    return {
        "course_changed": CourseChangedFacts(
            reference=REFERENCE,
            reader="contact",
            why=("consultant_gone", "new_dates"),
            changed=(of.moved,),
            handed_over=True,
            meetings=of.meetings,
            people=(CONSULTANT, COLLEAGUE),
            status_url=STATUS_URL,
        ),
        "course_changed-people": CourseChangedFacts(
            reference=REFERENCE,
            reader="contact",
            handed_over=True,
            meetings=of.meetings,
            people=(CONSULTANT, COLLEAGUE),
        ),
        "course_changed-consultant": CourseChangedFacts(
            reference=REFERENCE,
            reader="consultant",
            why=("counter",),
            changed=(of.moved, of.moved_away, of.now_online),
            meetings=of.meetings,
            people=(LEADER, EMPLOYEE),
            plan_url=PLAN_URL,
        ),
        "course_changed-tailored": CourseChangedFacts(
            reference=REFERENCE,
            reader="contact",
            why=("tailored",),
            added=of.meetings[1:],
            dropped=of.meetings[:1],
            second="came",
            meetings=of.meetings[1:],
            people=(CONSULTANT, COLLEAGUE),
            status_url=STATUS_URL,
        ),
        "course_changed-second": CourseChangedFacts(
            reference=REFERENCE,
            reader="consultant",
            why=("tailored",),
            left=of.meetings[:1],
            invited=False,
            second="went",
        ),
        "course_changed-resolved": CourseChangedFacts(
            reference=REFERENCE, reader="contact", resolved=True, invited=False, meetings=of.meetings
        ),
        "course_changed-other": CourseChangedFacts(reference=REFERENCE, reader="contact", meetings=of.meetings),
    }


def _changed_for_each_reason(of: Parts) -> dict[str, Facts]:
    return {
        f"course_changed-{why}-{reader}": CourseChangedFacts(
            reference=REFERENCE, reader=reader, why=(why,), changed=(of.moved,)
        )
        for why in get_args(Why)
        for reader in get_args(Reader)
    }


def _in_doubt(of: Parts) -> dict[str, Facts]:
    return {
        "course_changed-in-doubt": CourseChangedFacts(
            reference=REFERENCE,
            reader="contact",
            why=("consultant_away",),
            changed=(of.moved,),
            in_doubt=of.meetings[1:],
            meetings=of.meetings,
        ),
        "course_stalled": CourseStalledFacts(reference=REFERENCE, meetings=of.meetings[:1], status_url=STATUS_URL),
        "course_stalled-two": CourseStalledFacts(reference=REFERENCE, meetings=of.meetings[:2]),
        "stall_report": StallReportFacts(reference=REFERENCE, meetings=1, course_url=_COURSE_URL),
        "stall_report-two": StallReportFacts(reference=REFERENCE, meetings=2, course_url=_COURSE_URL),
    }


def _over() -> dict[str, Facts]:
    return {
        "course_left": CourseLeftFacts(reference=REFERENCE),
        "course_cancelled": CourseCancelledFacts(
            reference=REFERENCE, reader="contact", meetings_cancelled=True, phone=PHONE, mail=MAIL
        ),
        "course_cancelled-waiting": CourseCancelledFacts(
            reference=REFERENCE, reader="contact", meetings_cancelled=False, phone=PHONE, mail=MAIL
        ),
        "course_cancelled-consultant": CourseCancelledFacts(
            reference=REFERENCE, reader="consultant", meetings_cancelled=True
        ),
    }
