"""Samples of the mails that go out at their time. Pure."""

from datetime import date

from services.notifier.facts import Facts
from services.notifier.preview.sample_parts import (
    COLLEAGUE,
    CONSULTANT,
    EMPLOYEE,
    LEADER,
    PLAN_URL,
    REFERENCE,
    STATUS_URL,
    WORKPLACE,
    Parts,
)
from services.notifier.timed_mail_facts import (
    BriefingFacts,
    EvaluationFacts,
    HomeworkFacts,
    MaterialFacts,
    MaterialsFacts,
    ReminderFacts,
    TrialCheckFacts,
)
from shared.words import Language

_LAST = date(2027, 6, 15)


def timed_samples(of: Parts, language: Language) -> dict[str, Facts]:
    """By kind, or kind and what is special about it."""
    return {**_before(of), **_reminders(of), **_materials(of, language), **_between_and_after(of)}


def _before(of: Parts) -> dict[str, Facts]:
    return {
        "homework": HomeworkFacts(reference=REFERENCE, meeting=of.opening, status_url=STATUS_URL),
        "briefing": BriefingFacts(
            reference=REFERENCE,
            meeting=of.opening,
            meetings=of.meetings,
            people=(LEADER, EMPLOYEE),
            workplaces=(WORKPLACE,),
            plan_url=PLAN_URL,
        ),
        "briefing-second": BriefingFacts(
            reference=REFERENCE,
            meeting=of.meetings[1],
            meetings=of.meetings[1:2],
            people=(CONSULTANT, LEADER, EMPLOYEE),
        ),
    }


def _reminders(of: Parts) -> dict[str, Facts]:
    return {
        "reminder": ReminderFacts(
            reference=REFERENCE,
            reader="contact",
            working_days=7,
            meeting=of.opening,
            people=(CONSULTANT, COLLEAGUE),
            status_url=STATUS_URL,
        ),
        "reminder-soon": ReminderFacts(
            reference=REFERENCE,
            reader="contact",
            working_days=1,
            meeting=of.meetings[2],
            people=(CONSULTANT, COLLEAGUE),
            status_url=STATUS_URL,
        ),
        "reminder-consultant": ReminderFacts(
            reference=REFERENCE,
            reader="consultant",
            working_days=7,
            meeting=of.opening,
            people=(LEADER, EMPLOYEE),
            plan_url=PLAN_URL,
        ),
    }


def _materials(of: Parts, language: Language) -> dict[str, Facts]:
    names = (
        ("Getting started: five questions for your first meeting", "Small steps: how to try something out at work")
        if language == "en"
        else ("Godt i gang: fem spørgsmål til jeres første møde", "Små skridt: sådan afprøver I noget i hverdagen")
    )
    files = ("godt-i-gang", "smaa-skridt")
    materials = tuple(
        MaterialFacts(name, f"https://forloeb.example/materialer/{file}")
        for name, file in zip(names, files, strict=True)
    )
    return {
        "materials": MaterialsFacts(
            reference=REFERENCE, meeting=of.opening, materials=materials, status_url=STATUS_URL
        ),
        "materials-on-page": MaterialsFacts(reference=REFERENCE, meeting=of.opening, status_url=STATUS_URL),
    }


def _between_and_after(of: Parts) -> dict[str, Facts]:
    return {
        "trial_check": TrialCheckFacts(
            reference=REFERENCE, meeting=of.meetings[1], consultant=CONSULTANT.name, status_url=STATUS_URL
        ),
        "trial_check-nobody-named": TrialCheckFacts(reference=REFERENCE, meeting=of.meetings[1]),
        "evaluation": EvaluationFacts(
            reference=REFERENCE,
            evaluation_url="https://forloeb.example/evaluering",
            last_meeting_on=_LAST,
            once_more=True,
        ),
        "evaluation-later": EvaluationFacts(
            reference=REFERENCE,
            evaluation_url="https://forloeb.example/evaluering-senere",
            last_meeting_on=_LAST,
            later=True,
        ),
    }
