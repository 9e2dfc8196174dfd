"""Take an application in with the parts of this process filled in: the API and the form share it."""

from datetime import datetime

from services.intake.application import ApplicationForm
from services.intake.idempotency import RequestMark
from services.intake.parts import Parts
from services.intake.record import Application
from services.intake.submit import submit


async def submit_with(
    form: ApplicationForm, mark: RequestMark | None, parts: Parts, now: datetime, *, trusted: bool
) -> Application:
    """Returns and raises as `submit`."""
    return await submit(
        form,
        request=mark,
        trusted=trusted,
        programme=parts.programme,
        vault=parts.vault,
        create_keys=parts.create_keys,
        store=parts.store,
        signer=parts.signer,
        address_key=parts.address_key,
        now=now,
    )
