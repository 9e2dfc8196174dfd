"""The pages on which staff change a course: the form of an act, and the question that lists what it will send."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from fastapi import Request, Response

from services.scheduler.acts import Order
from services.scheduler.coordinator.act_words import ACTS, IMPOSSIBLE, act_link
from services.scheduler.coordinator.course_words import meeting_names, names_for
from services.scheduler.coordinator.desk import PAGES, Desk
from services.scheduler.coordinator.mail_rows import mail_rows
from services.scheduler.coordinator.names import consultants_by_id
from services.scheduler.coordinator.open_rows import counter_rows
from services.scheduler.coordinator.place_rows import day_rows
from services.scheduler.course import Course
from services.scheduler.course_change import Before, Impossible
from services.scheduler.decision_words import RULES
from services.scheduler.move_meeting import meeting_places
from services.scheduler.planned_mails import digest_of
from services.scheduler.preview import preview_act
from shared.reference.dates import format_date
from shared.staff.staff import Staff
from shared.web import form_token
from shared.words import Language, Words

WRONG_STATUS = 422
CONFLICT_STATUS = 409


async def form_page(
    request: Request,
    before: Before,
    kind: str,
    *,
    staff: Staff,
    desk: Desk,
    typed: Mapping[str, str] | None = None,
    faults: Mapping[str, Words] | None = None,
) -> Response:
    """The form of one act. Of a meeting that is to be moved, first which one, then where to."""
    course, language = before.course, desk.site.language_of(request)
    typed = typed or dict(request.query_params)
    facts: dict[str, Any] = {}
    if kind == "move":
        facts = _move_facts(before, typed, desk, language)
    elif kind in ("take_counter", "decline_counter"):
        facts = await _counter_facts(before, typed, desk, language)
    elif kind in ("pin", "exclude", "include"):
        facts["consultants"] = await _choices(course, kind, desk)
    return desk.site.page(
        request,
        "coordinator/act.html",
        language=language,
        status_code=WRONG_STATUS if faults else 200,
        staff=staff,
        **common_facts(course, kind),
        version=before.stored.version,
        token=token_for(course, kind, staff, desk),
        typed=typed,
        faults=faults or {},
        latest_start=course.window.latest_start.isoformat(),
        latest_start_words=format_date(course.window.latest_start, language),
        **{
            "consultants": [],
            "meetings": [],
            "chosen": None,
            "days": [],
            "left_out": 0,
            "refused": None,
            "counter": None,
            **facts,
        },
    )


async def question_page(
    request: Request, before: Before, order: Order, fields: Mapping[str, str], *, staff: Staff, desk: Desk
) -> Response:
    """What it will do and whom it will write to; or why it cannot be done."""
    course, means, language = before.course, desk.means, desk.site.language_of(request)
    previewed = await preview_act(before, order.act, means=means)
    if isinstance(previewed, Impossible):
        return await impossible_page(request, course, order.act.kind, previewed, staff=staff, desk=desk)
    consultants = await consultants_by_id(means=means)
    people = {**before.opened.contacts, **consultants}
    kind = order.act.kind
    return desk.site.page(
        request,
        "coordinator/question.html",
        language=language,
        staff=staff,
        **common_facts(course, kind),
        fields={**fields, "version": str(before.stored.version), "mails": digest_of(previewed)},
        token=token_for(course, kind, staff, desk),
        reason=order.reason,
        mails=mail_rows(previewed, people, meeting_names(course, means.programme), language),
    )


async def impossible_page(
    request: Request, course: Course, kind: str, why: Impossible, *, staff: Staff, desk: Desk
) -> Response:
    """Why it cannot be done, with what the matcher says of each consultant that it asked."""
    language = desk.site.language_of(request)
    consultants = await consultants_by_id(means=desk.means)
    names = names_for(course, consultants, desk.means.programme, language)
    verdicts = [(names.consultant(one.id), names.of(RULES[one.rule])) for one in why.verdicts]
    return desk.site.page(
        request,
        "coordinator/impossible.html",
        language=language,
        status_code=CONFLICT_STATUS,
        staff=staff,
        **common_facts(course, kind),
        why=IMPOSSIBLE.get(why.code, IMPOSSIBLE["state"]),
        verdicts=verdicts,
    )


def token_for(course: Course, kind: str, staff: Staff, desk: Desk) -> str:
    """The form token of this act on this course by this member of staff."""
    return form_token.make(key=desk.form_key, subject=_subject(course, kind, staff), now=desk.means.clock())


def token_is_right(token: str, course: Course, kind: str, staff: Staff, desk: Desk) -> bool:
    subject = _subject(course, kind, staff)
    return form_token.check(token, key=desk.form_key, subject=subject, now=desk.means.clock()) == "right"


def _subject(course: Course, kind: str, staff: Staff) -> str:
    return f"coordinator {course.application_id} {kind} {staff.account}"


def common_facts(course: Course, kind: str) -> dict[str, Any]:
    """What each page of an act shows."""
    address = f"{PAGES}/courses/{course.application_id}"
    return {
        "reference": course.request.reference,
        "address": address,
        "act_address": act_link(address, kind),
        "kind": kind,
        "words": ACTS[kind],
    }


def _move_facts(before: Before, typed: Mapping[str, str], desk: Desk, language: Language) -> dict[str, Any]:
    now = before.now
    coming = [one for one in before.course.sittings if one.start > now]
    chosen = next((one for one in coming if one.meeting_id == typed.get("meeting")), None)
    facts: dict[str, Any] = {
        "meetings": [
            (one.meeting_id, one.name.in_language(language), format_date(_day(one.wall_start), language))
            for one in coming
        ]
    }
    if chosen is None:
        return facts
    places = meeting_places(before, chosen.meeting_id, means=desk.means)
    if isinstance(places, Impossible):
        return {**facts, "refused": IMPOSSIBLE.get(places.code, IMPOSSIBLE["state"])}
    days, left_out = day_rows(places, language, everything="all" in typed)
    return {**facts, "chosen": chosen.meeting_id, "days": days, "left_out": left_out}


async def _counter_facts(before: Before, typed: Mapping[str, str], desk: Desk, language: Language) -> dict[str, Any]:
    """The proposal that the act is about; it may be none any more, or not possible."""
    people = {**before.opened.contacts, **await consultants_by_id(means=desk.means)}
    names = {who: person.name for who, person in people.items()}
    rows = counter_rows(before, names, means=desk.means, language=language)
    counter = next((one for one in rows if str(one.number) == typed.get("number")), None)
    return {"counter": counter} if counter else {"refused": IMPOSSIBLE["counter"]}


async def _choices(course: Course, kind: str, desk: Desk) -> list[tuple[str, str]]:
    """Consultants whom the act can be about, by name."""
    people = await consultants_by_id(means=desk.means)
    if kind == "include":
        return [(one, people[one].name if one in people else one) for one in course.excluded]
    active = {who for who, facts in (await desk.means.store.roster()).items() if facts.active}
    found = [(one.person_id, one.name) for one in people.values() if one.person_id in active]
    left_out = set(course.excluded) if kind == "exclude" else set()
    return sorted((one for one in found if one[0] not in left_out), key=lambda one: one[1])


def _day(wall: str) -> Any:
    return datetime.fromisoformat(wall).date()
