"""The pages on which coordinators tailor a course: the form, and the question that shows the course afterwards and its mails."""

from collections.abc import Mapping

from fastapi import Request, Response

from services.scheduler.acts import Order
from services.scheduler.coordinator.act_pages import common_facts, impossible_page, token_for
from services.scheduler.coordinator.course_words import meeting_names
from services.scheduler.coordinator.desk import Desk
from services.scheduler.coordinator.mail_rows import mail_rows
from services.scheduler.coordinator.names import consultants_by_id
from services.scheduler.course_change import Before, Impossible
from services.scheduler.planned_mails import digest_of
from services.scheduler.preview import previewed
from services.scheduler.tailoring.after_rows import after_rows
from services.scheduler.tailoring.form_view import form_view
from services.scheduler.tailoring.municipality_options import municipality_options
from services.scheduler.tailoring.plan_tailor import plan_ground
from services.scheduler.tailoring.promises import promises_of
from shared.staff.staff import Staff
from shared.words import Words

WRONG_STATUS = 422


async def tailor_form_page(
    request: Request,
    before: Before,
    kind: str,
    *,
    staff: Staff,
    desk: Desk,
    typed: Mapping[str, str] | None = None,
    faults: Mapping[str, Words] | None = None,
) -> Response:
    """The form, filled in with the plan as it is or with what was typed."""
    ground = plan_ground(before, means=desk.means)
    if isinstance(ground, Impossible):
        return await impossible_page(request, before.course, kind, ground, staff=staff, desk=desk)
    language = desk.site.language_of(request)
    return desk.site.page(
        request,
        "coordinator/tailor.html",
        language=language,
        status_code=WRONG_STATUS if faults else 200,
        staff=staff,
        **common_facts(before.course, kind),
        version=before.stored.version,
        token=token_for(before.course, kind, staff, desk),
        form=form_view(before.course, ground, typed or {}, language),
        municipalities=municipality_options(desk.means.municipalities),
        typed=typed or {},
        faults=faults or {},
    )


async def tailor_question_page(
    request: Request, before: Before, order: Order, fields: Mapping[str, str], *, staff: Staff, desk: Desk
) -> Response:
    """The course as it would be, and whom it writes to; or why it cannot be done."""
    course, means, language = before.course, desk.means, desk.site.language_of(request)
    preview = await previewed(before, order.act, means=means)
    kind = order.act.kind
    if isinstance(preview, Impossible):
        return await impossible_page(request, course, kind, preview, staff=staff, desk=desk)
    people = {**before.opened.contacts, **await consultants_by_id(means=means)}
    return desk.site.page(
        request,
        "coordinator/tailor_question.html",
        language=language,
        staff=staff,
        **common_facts(course, kind),
        fields={**fields, "version": str(before.stored.version), "mails": digest_of(preview.mails)},
        token=token_for(course, kind, staff, desk),
        reason=order.reason,
        mails=mail_rows(preview.mails, people, meeting_names(preview.course, means.programme), language),
        after=after_rows(course, preview.course, preview.places, language),
        promises=promises_of(preview.course, means.programme, language),
    )
