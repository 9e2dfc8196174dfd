"""Why a course does not go to one consultant: worked out in full on today's roster, when a coordinator asks."""

from fastapi import Request, Response

from services.scheduler.ask_why_not import ask_why_not
from services.scheduler.coordinator.act_words import IMPOSSIBLE
from services.scheduler.coordinator.course_words import names_for
from services.scheduler.coordinator.desk import PAGES, Desk
from services.scheduler.coordinator.names import consultants_by_id
from services.scheduler.course_change import Before, Impossible
from services.scheduler.decision_words import put_in_words
from shared.staff.staff import Staff


async def why_not_page(request: Request, before: Before, consultant_id: str, *, staff: Staff, desk: Desk) -> Response:
    """Her verdict with all changes that alone would bring her the course. Raises as `Vault.unseal`."""
    course, language = before.course, desk.site.language_of(request)
    people = await consultants_by_id(means=desk.means)
    names = names_for(course, people, desk.means.programme, language)
    decision = await ask_why_not(before, consultant_id, means=desk.means)
    refused = isinstance(decision, Impossible)
    words = None if isinstance(decision, Impossible) else put_in_words(decision, names)
    return desk.site.page(
        request,
        "coordinator/why_not.html",
        language=language,
        status_code=404 if refused else 200,
        staff=staff,
        reference=course.request.reference,
        address=f"{PAGES}/courses/{course.application_id}",
        name=names.consultant(consultant_id),
        refused=IMPOSSIBLE[decision.code] if isinstance(decision, Impossible) else None,
        winner=words.winner if words else None,
        verdict=words.others[0] if words and words.others else None,
    )
