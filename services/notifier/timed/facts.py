"""What the mails that go out at their time tell: from the course as it is at that moment. Pure."""

from collections.abc import Mapping

from services.notifier.course_view import Told
from services.notifier.facts import Facts
from services.notifier.reading import Reading, address
from services.notifier.timed.timed_mail import TimedMail
from services.notifier.timed.timed_mails import LATER, attendees_of
from services.notifier.timed_mail_facts import (
    BriefingFacts,
    EvaluationFacts,
    HomeworkFacts,
    MaterialFacts,
    MaterialsFacts,
    ReminderFacts,
    TrialCheckFacts,
)
from shared.events import CourseState, Matter, Meeting, Person
from shared.programme import Programme
from shared.programme_messages import Material


def materials_of(matter: Matter | None, programme: Programme) -> tuple[Material, ...]:
    """What there is to read about the themes of a course, each once. None where the application was erased."""
    themes = (programme.theme(code) for code in matter.themes) if matter else ()
    return tuple(dict.fromkeys(one for theme in themes if theme for one in theme.materials))


def timed_facts(
    mail: TimedMail,
    *,
    state: CourseState,
    people: Mapping[str, Person],
    matter: Matter | None,
    programme: Programme,
) -> Facts:
    """Of a mail that this course gives."""
    about = Reading(
        state=state,
        before=None,
        person=people[mail.person_id],
        people=people,
        matter=matter,
        programme=programme,
        told=Told(),
    )
    meeting = about.meeting(mail.meeting_id)
    if meeting is None:
        raise ValueError("a mail about a meeting that the course does not have")
    facts: Facts
    match mail.kind:
        case "homework":
            facts = HomeworkFacts(
                reference=state.reference, meeting=about.facts(meeting), status_url=about.person.links.get("status")
            )
        case "briefing":
            facts = _briefing(about, meeting)
        case "reminder":
            facts = _reminder(about, meeting, working_days=int(mail.offset))
        case "trial_check":
            facts = _trial_check(about, meeting)
        case "materials":
            facts = _materials(about, meeting)
        case "evaluation":
            facts = _evaluation(about, meeting, later=mail.offset == LATER)
        case kind:
            raise ValueError(f"{kind} is no mail that goes out at its time")
    return facts


def _briefing(about: Reading, meeting: Meeting) -> BriefingFacts:
    return BriefingFacts(
        reference=about.state.reference,
        meeting=about.facts(meeting),
        meetings=tuple(about.facts(one) for one in about.meetings() if one.start >= meeting.start),
        people=about.others(),
        workplaces=tuple(address(one) for one in about.matter.workplaces) if about.matter else (),
        plan_url=about.person.links.get("plan"),
    )


def _reminder(about: Reading, meeting: Meeting, *, working_days: int) -> ReminderFacts:
    return ReminderFacts(
        reference=about.state.reference,
        reader=about.reader,
        working_days=working_days,
        meeting=about.facts(meeting),
        people=about.others(of=attendees_of(about.state, meeting)),
        status_url=about.person.links.get("status"),
        plan_url=about.person.links.get("plan"),
    )


def _trial_check(about: Reading, meeting: Meeting) -> TrialCheckFacts:
    consultant = about.people.get(about.state.consultant_id or "")
    return TrialCheckFacts(
        reference=about.state.reference,
        meeting=about.facts(meeting),
        consultant=consultant.name if consultant else "",
        status_url=about.person.links.get("status"),
    )


def _materials(about: Reading, meeting: Meeting) -> MaterialsFacts:
    settings, language = about.programme.messages.materials, about.person.language
    named = materials_of(about.matter, about.programme) if settings and settings.in_body else ()
    return MaterialsFacts(
        reference=about.state.reference,
        meeting=about.facts(meeting),
        materials=tuple(MaterialFacts(name=one.name.in_language(language), url=one.url) for one in named),
        status_url=about.person.links.get("status"),
    )


def _evaluation(about: Reading, last: Meeting, *, later: bool) -> EvaluationFacts:
    evaluation = about.programme.messages.evaluation
    if evaluation is None:
        raise ValueError("a questionnaire of a programme that has none")
    return EvaluationFacts(
        reference=about.state.reference,
        evaluation_url=(evaluation.later_url if later else None) or evaluation.url,
        last_meeting_on=about.time(last, last.start).starts.date(),
        later=later,
        once_more=not later and evaluation.months_after is not None,
    )
