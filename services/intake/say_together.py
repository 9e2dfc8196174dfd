"""Says in one write what is said about one application at the same moment: people answer all meetings of a course in a row."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Final

from services.intake.change_application import Change, Opened, Store, change_application
from services.intake.course_view import CourseView
from services.intake.errors import LinkError
from services.intake.links import Signer
from services.intake.record import Application
from services.intake.say import number_of, refuse_nothing, spoken
from shared.events import ApplicationState, InvitationAnswered
from shared.programme import Programme
from shared.said import SAID_KEPT_MAX, Said
from shared.together import Together
from shared.vault import Vault

AT_ONCE_MAX: Final = SAID_KEPT_MAX // 2
"""In one write, so that whoever misses the event before finds in the next one all that it told."""

LINGER_SECONDS: Final = 0.03
"""Less than a write takes; in it ten mails are read."""


@dataclass(kw_only=True)
class Saying:
    """What one source says, with the arguments of `say`. `number` is set once it is said, or is known to have been said before."""

    make: Callable[[int], Said]
    source: str
    refuse: Callable[[ApplicationState], None] = refuse_nothing
    is_grey: bool = False
    number: int | None = None


class SayTogether:
    """Of one process; others are kept apart by the guard of each write, as ever."""

    def __init__(
        self, *, store: Store, vault: Vault, signer: Signer, programme: Programme, clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._vault = vault
        self._signer = signer
        self._programme = programme
        self._clock = clock
        self._by_application: dict[str, Together[Saying]] = {}

    async def say(self, application_id: str, saying: Saying) -> int | None:
        """The number of what is said, alone or with what else is said now; None where nothing can be said (see `say`).

        Raises what `refuse` raises, asked of the state with what is said before it.

        Raises:
            DependencyDownError: try again later; it may or may not have been said, which its source settles.

        """
        together = self._by_application.get(application_id)
        if together is None:
            together = Together(partial(self._say_all, application_id), linger_seconds=LINGER_SECONDS)
            self._by_application[application_id] = together
        try:
            await together.do(saying)
        finally:
            if together.is_idle:
                self._by_application.pop(application_id, None)
        return saying.number

    async def _say_all(self, application_id: str, sayings: Sequence[Saying]) -> list[Exception | None]:
        faults: list[Exception | None] = []
        for first in range(0, len(sayings), AT_ONCE_MAX):
            faults += await self._say_some(application_id, sayings[first : first + AT_ONCE_MAX])
        return faults

    async def _say_some(self, application_id: str, sayings: Sequence[Saying]) -> list[Exception | None]:
        faults: list[Exception | None] = [None] * len(sayings)

        async def read() -> Opened:
            application = await self._store.application(application_id)
            if application is None:
                raise LinkError
            return application, None

        async def plan(application: Application, _course: CourseView | None) -> Change | None:
            change, faults[:] = _spoken(application, sayings)
            return change

        try:
            application, _ = await change_application(
                read,
                plan,
                store=self._store,
                vault=self._vault,
                signer=self._signer,
                programme=self._programme,
                now=self._clock(),
            )
        except LinkError:
            return faults
        for one in sayings:
            one.number = number_of(one.source, application)
        return faults


def _spoken(application: Application, sayings: Sequence[Saying]) -> tuple[Change | None, list[Exception | None]]:
    """The application with all that can be said of these, one after the other, and what refused the others."""
    faults: list[Exception | None] = [None] * len(sayings)
    change: Change | None = None
    if application.state.state != "admitted":
        return None, faults
    for place, one in enumerate(sayings):
        if number_of(one.source, application) is not None:
            continue
        try:
            one.refuse(application.state)
            change = spoken(application, one.make, kind=InvitationAnswered, source=one.source, is_grey=one.is_grey)
        except Exception as error:  # noqa: BLE001 - told to whoever said it; the others are said all the same
            faults[place] = error
        else:
            application = replace(application, state=change.state, said_by=change.said_by or ())
    return change, faults
