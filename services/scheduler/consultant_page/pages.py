"""What the consultant sees: her course, the form with which it is tailored, what it would become, and why it cannot."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from fastapi import Request, Response

from services.scheduler.acts import Order
from services.scheduler.consultant_page.room import ConsultantRoom
from services.scheduler.consultant_page.visit import RENEW_FEED, PlanVisit, token_for
from services.scheduler.coordinator.act_words import ACTS, IMPOSSIBLE
from services.scheduler.coordinator.answer_rows import AnswerRow, answer_rows
from services.scheduler.coordinator.course_words import FUNCTIONS, meeting_names
from services.scheduler.coordinator.mail_rows import mail_rows
from services.scheduler.course import BookedMeeting
from services.scheduler.course_change import Impossible
from services.scheduler.decision_words import RULES
from services.scheduler.feed.read_feed import feed_address
from services.scheduler.planned_mails import digest_of
from services.scheduler.preview import previewed
from services.scheduler.tailoring.after_rows import after_rows
from services.scheduler.tailoring.form_view import form_view, place_words, when_of
from services.scheduler.tailoring.municipality_options import municipality_options
from services.scheduler.tailoring.plan_tailor import plan_ground
from services.scheduler.tailoring.promises import promises_of
from shared.words import Words

WRONG_STATUS = 422
CONFLICT_STATUS = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRow:
    """One meeting in words. `is_over`: it has begun; `in_doubt`: it cannot be held as it is."""

    name: str
    when: str
    place: str
    answers: list[AnswerRow]
    is_over: bool
    in_doubt: bool


async def plan_page(
    request: Request, visit: PlanVisit, room: ConsultantRoom, *, done: bool = False, renewed: bool = False
) -> Response:
    """The course: its meetings with everybody's answers, whom to reach, and where a calendar program finds all her meetings."""
    course = visit.before.course
    return _page(
        request,
        "consultant_page/plan.html",
        visit,
        room,
        meetings=[_row(one, visit) for one in course.sittings],
        people=[(one, FUNCTIONS[one.function]) for one in visit.before.opened.contacts.values()],
        may_tailor=course.state == "booked" and course.is_to_come(visit.before.now),
        done=ACTS["tailor"].done if done else None,
        feed=await feed_address(visit.link.consultant_id, signer=room.feeds, means=room.means),
        feed_token=token_for(visit, room, act=RENEW_FEED),
        renewed=renewed,
    )


def tailor_page(
    request: Request,
    visit: PlanVisit,
    room: ConsultantRoom,
    *,
    typed: Mapping[str, str] | None = None,
    faults: Mapping[str, Words] | None = None,
) -> Response:
    """The form, filled in with the plan as it is or with what was typed."""
    ground = plan_ground(visit.before, means=room.means)
    if isinstance(ground, Impossible):
        return impossible_page(request, visit, room, ground)
    return _page(
        request,
        "consultant_page/tailor.html",
        visit,
        room,
        status_code=WRONG_STATUS if faults else 200,
        words=ACTS["tailor"],
        version=visit.before.stored.version,
        token=token_for(visit, room),
        form=form_view(visit.before.course, ground, typed or {}, visit.language),
        municipalities=municipality_options(room.means.municipalities),
        typed=typed or {},
        faults=faults or {},
    )


async def question_page(
    request: Request, visit: PlanVisit, room: ConsultantRoom, order: Order, fields: Mapping[str, str]
) -> Response:
    """The course as it would be, and who hears of it; or why it cannot be done."""
    before, means = visit.before, room.means
    preview = await previewed(before, order.act, means=means)
    if isinstance(preview, Impossible):
        return impossible_page(request, visit, room, preview)
    people = {**before.opened.contacts, **visit.colleagues}
    return _page(
        request,
        "consultant_page/question.html",
        visit,
        room,
        words=ACTS["tailor"],
        token=token_for(visit, room),
        fields={**fields, "version": str(before.stored.version), "mails": digest_of(preview.mails)},
        reason=order.reason,
        mails=mail_rows(preview.mails, people, meeting_names(preview.course, means.programme), visit.language),
        after=after_rows(before.course, preview.course, preview.places, visit.language),
        promises=promises_of(preview.course, means.programme, visit.language),
    )


def impossible_page(request: Request, visit: PlanVisit, room: ConsultantRoom, why: Impossible) -> Response:
    """Of the matcher's reasons only those about the consultants of this course are told."""
    verdicts = [(visit.colleagues[one.id].name, RULES[one.rule]) for one in why.verdicts if one.id in visit.colleagues]
    return _page(
        request,
        "consultant_page/impossible.html",
        visit,
        room,
        status_code=CONFLICT_STATUS,
        why=IMPOSSIBLE.get(why.code, IMPOSSIBLE["state"]),
        verdicts=verdicts,
    )


def leads_nowhere(request: Request, room: ConsultantRoom) -> Response:
    """The one page for every link, cookie and form that is wrong, whatever is wrong with it."""
    return room.site.page(
        request,
        "consultant_page/leads_nowhere.html",
        language=room.site.language_of(request),
        status_code=404,
        organisation=room.means.programme.organisation,
    )


def _page(
    request: Request, template: str, visit: PlanVisit, room: ConsultantRoom, *, status_code: int = 200, **facts: Any
) -> Response:
    return room.site.page(
        request,
        template,
        language=visit.language,
        status_code=status_code,
        reference=visit.before.course.request.reference,
        back=visit.address,
        **facts,
    )


def _row(meeting: BookedMeeting, visit: PlanVisit) -> PlanRow:
    before, course = visit.before, visit.before.course
    people = {**before.opened.contacts, **visit.colleagues}
    names = {who: person.name for who, person in people.items()}
    return PlanRow(
        name=meeting.name.in_language(visit.language),
        when=when_of(meeting, visit.language),
        place=place_words(meeting.place, meeting.workplace, before.opened.places, visit.language),
        answers=answer_rows(course, meeting, names, visit.language),
        is_over=meeting.start <= before.now,
        in_doubt=course.stall is not None and meeting.meeting_id in course.stall.meetings,
    )
