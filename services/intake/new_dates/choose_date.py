"""Choose one of the times that are held for a meeting: the scheduler moves it, or offers anew where it is too late."""

from datetime import datetime
from functools import partial

from services.intake.change_application import Store
from services.intake.errors import StateForbidsError
from services.intake.links import Signer
from services.intake.new_dates.question import Question
from services.intake.say import say
from shared.events import ApplicationState, NewDatesRequested
from shared.programme import Programme
from shared.said import DateChosen, Said
from shared.vault import Vault


async def choose_date(
    application_id: str,
    start: datetime,
    *,
    question: Question,
    person_id: str,
    store: Store,
    vault: Vault,
    signer: Signer,
    programme: Programme,
    now: datetime,
) -> None:
    """Choose the instant `start` among those of the question's offer; nothing happens if it is none of them any more.

    Of two who choose at once the first has chosen.

    Raises:
        StateForbidsError: the application was withdrawn.
        DependencyDownError: try again later.

    """
    offer = question.offer
    if offer is None or start not in [one.start for one in offer.starts]:
        return
    known = offer

    def make(number: int) -> Said:
        return DateChosen(
            number=number,
            meeting_id=known.meeting_id,
            person_id=person_id,
            offer=known.number,
            start=start,
            at=now,
        )

    try:
        said = await say(
            application_id,
            make,
            kind=NewDatesRequested,
            # Pressed twice, it is chosen once.
            source=f"chosen {offer.number} {int(start.timestamp())}",
            store=store,
            vault=vault,
            signer=signer,
            programme=programme,
            now=now,
            refuse=partial(_refuse, offer_number=offer.number),
        )
    except _ChosenError:
        return
    if said is None:
        raise StateForbidsError


class _ChosenError(Exception):
    """One of the times of this offer was chosen already."""


def _refuse(state: ApplicationState, *, offer_number: int) -> None:
    if any(isinstance(one, DateChosen) and one.offer == offer_number for one in state.said):
        raise _ChosenError
