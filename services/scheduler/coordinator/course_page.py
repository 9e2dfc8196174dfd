"""Everything about one course on one page: meetings, people, reasons, claims and history, and what can be done about it."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import Request, Response

from services.scheduler.acts import possible_acts
from services.scheduler.coordinator.act_words import ACTS, act_link
from services.scheduler.coordinator.answer_rows import AnswerRow, answer_rows
from services.scheduler.coordinator.course_words import FUNCTIONS, names_for
from services.scheduler.coordinator.desk import PAGES, Desk
from services.scheduler.coordinator.history_rows import history_rows
from services.scheduler.coordinator.list_rows import OVERDUE, STATES
from services.scheduler.coordinator.names import consultants_by_id
from services.scheduler.coordinator.open_rows import counter_rows, offer_row, stall_row
from services.scheduler.course import BookedMeeting, Course, StoredCourse
from services.scheduler.course_change import Before
from services.scheduler.decision_words import put_in_words, waiting_words
from services.scheduler.overdue import overdue_of
from services.scheduler.people import Opened, open_course
from services.scheduler.standing import without_offered
from services.scheduler.tailoring.form_view import place_words
from shared.events import Matter, Person
from shared.programme import Programme
from shared.reference.dates import format_date, format_short_date, format_span
from shared.staff.staff import Staff
from shared.words import Language, Words

SECOND = Words(da="Anden konsulent", en="Second consultant")
_LINKED_ELSEWHERE = ("move", "take_counter", "decline_counter")
"""Acts that stand beside what they are about."""
_WAYS_OUT = ("pin", "exclude", "tailor", "put_back")
"""Acts that may help a course of which something cannot be held, beside finding another time for it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeetingRow:
    """A meeting in words, with the answer of everybody who is invited.

    `is_called_off` stays a while after it was cancelled; `may_move`: it is still to come.
    """

    meeting_id: str
    name: str
    when: str
    place: str
    answers: tuple[AnswerRow, ...]
    is_called_off: bool
    may_move: bool


async def course_page(
    request: Request, stored: StoredCourse, *, staff: Staff, desk: Desk, done: str | None = None
) -> Response:
    """The page of one course. Raises as `Vault.unseal`."""
    course, means, language = stored.course, desk.means, desk.site.language_of(request)
    opened = await open_course(course, vault=means.vault)
    consultants = await consultants_by_id(means=means)
    names = {one.person_id: one.name for one in consultants.values()}
    everybody = names | {one.person_id: one.name for one in opened.contacts.values()}
    now = means.clock()
    held = without_offered(await means.store.claims(course.application_id), course)
    before = Before(stored=stored, opened=opened, claims=held, now=now)
    words = names_for(course, consultants, means.programme, language)
    acts = possible_acts(course, now)
    overdue = overdue_of(course, means.today(), means.programme)
    address = f"{PAGES}/courses/{course.application_id}"
    return desk.site.page(
        request,
        "coordinator/course.html",
        language=language,
        staff=staff,
        course=course,
        reference=course.request.reference,
        address=address,
        state=STATES[course.state],
        overdue=OVERDUE[overdue] if overdue else None,
        plan=means.programme.plans.get(course.request.kind),
        format=_format(course, means.programme),
        applied_on=_day(course.request.submitted_at, means.programme, language),
        window=[format_date(one, language) for one in (course.window.earliest, course.window.latest_start)],
        municipalities=_municipalities(course, desk),
        themes=_themes(opened.matter, means.programme),
        workplaces=opened.matter.workplaces if opened.matter else (),
        meetings=[_meeting(one, course, opened, everybody, language, now) for one in course.meetings],
        stall=stall_row(course, means.programme.tz, language),
        counters=counter_rows(before, everybody, means=means, language=language),
        offer=offer_row(course, now, means.programme.tz, language),
        people=[*opened.contacts.values(), *_leads(course, consultants)],
        function=lambda person: _function(person, course),
        pinned=names.get(course.pinned or "", course.pinned),
        excluded=[names.get(one, one) for one in course.excluded],
        decision=put_in_words(course.decision, words) if course.decision else None,
        why_waiting=waiting_words(course.decision, words) if course.decision and course.state == "waiting" else (),
        names=names,
        claims=_claims(held, names, language),
        history=await history_rows(course, names=everybody, language=language, means=means),
        acts=[(ACTS[kind], act_link(address, kind)) for kind in ACTS if kind in acts and kind not in _LINKED_ELSEWHERE],
        may_move="move" in acts,
        ways_out=[(ACTS[kind], act_link(address, kind)) for kind in _WAYS_OUT if kind in acts],
        may_ask=course.state in ("booked", "waiting"),
        # A course that staff have rebooked has no stored decision: then everybody can be asked about as of today.
        to_ask_about=[] if course.decision else _others(course, consultants),
        done=ACTS.get(done or ""),
    )


def _meeting(
    meeting: BookedMeeting,
    course: Course,
    opened: Opened,
    names: Mapping[str, str],
    language: Language,
    now: datetime,
) -> MeetingRow:
    zone_start = datetime.fromisoformat(meeting.wall_start).replace(tzinfo=meeting.start.tzinfo)
    return MeetingRow(
        meeting_id=meeting.meeting_id,
        name=meeting.name.in_language(language),
        when=format_span(zone_start, zone_start + timedelta(minutes=meeting.minutes), language),
        place=place_words(meeting.place, meeting.workplace, opened.places, language),
        answers=tuple(answer_rows(course, meeting, names, language)) if meeting.status == "confirmed" else (),
        is_called_off=meeting.status == "cancelled",
        may_move=meeting.status == "confirmed" and meeting.start > now and course.state == "booked",
    )


def _leads(course: Course, consultants: Mapping[str, Person]) -> list[Person]:
    ids = (one for one in (course.consultant_id, course.second_id) if one is not None)
    return [consultants[one] for one in ids if one in consultants]


def _others(course: Course, consultants: Mapping[str, Person]) -> list[Person]:
    """Who does not hold the course, by name."""
    others = (one for one in consultants.values() if one.person_id not in (course.consultant_id, course.second_id))
    return sorted(others, key=lambda one: one.name)


def _function(person: Person, course: Course) -> Words:
    return SECOND if person.person_id == course.second_id else FUNCTIONS[person.function]


def _format(course: Course, programme: Programme) -> Words | None:
    plan = programme.plans.get(course.request.kind)
    return plan.format_or_first(course.request.format) if plan else None


def _themes(matter: Matter | None, programme: Programme) -> list[Words]:
    found = (programme.theme(code) for code in matter.themes) if matter else ()
    return [one for one in found if one is not None]


def _municipalities(course: Course, desk: Desk) -> str:
    known = desk.means.municipalities
    return ", ".join(known.get(one).name for one in course.request.municipalities if one in known)


def _claims(keys: list[str], names: Mapping[str, str], language: Language) -> list[tuple[str, str]]:
    """Hours that the course holds, travel included, by consultant; in Danish with a comma."""
    counts = Counter(key.partition("|")[0] for key in keys if "|" in key)
    hours = {who: f"{count / 2:g}" for who, count in counts.items()}
    return [(names.get(who, who), one if language == "en" else one.replace(".", ",")) for who, one in hours.items()]


def _day(instant: datetime, programme: Programme, language: Language) -> str:
    return format_short_date(instant.astimezone(programme.tz).date(), language)
