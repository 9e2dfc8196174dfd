"""Begin a draft, and save a step of it: several tabs may do so at once, and none undoes what another has saved elsewhere."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final, Protocol

from services.intake.form.draft import Browser, Draft, kept_until, new_draft
from shared.errors import DependencyDownError

DRAFTS_MAX: Final = 10
"""Unfinished applications of one browser."""
SAVES_MAX: Final = 8
"""Tries to save while others save the same draft."""


class Drafts(Protocol):
    async def insert(self, draft: Draft, browser: Browser, *, until: datetime) -> None:
        """Store a new one."""

    async def change(self, draft: Draft, browser: Browser, *, until: datetime) -> bool:
        """Store it in place of the version that was read; False if that is no longer there."""

    async def draft(self, draft_id: str, browser: Browser, *, now: datetime) -> Draft | None:
        """One of this browser's."""

    async def drafts(self, browser: Browser, *, now: datetime) -> list[Draft]:
        """All of this browser's."""


async def begin_draft(
    browser: Browser, *, random: bytes, drafts: Drafts, kept_days: int, now: datetime
) -> Draft | None:
    """A new, empty draft; None if the browser has so many that one must be finished or deleted first."""
    known = await drafts.drafts(browser, now=now)
    if sum(one.application_id is None for one in known) >= DRAFTS_MAX:
        return None
    draft = new_draft(random, now)
    await drafts.insert(draft, browser, until=kept_until(draft, days=kept_days))
    return draft


async def change_draft(
    draft_id: str,
    browser: Browser,
    *,
    change: Callable[[Draft], Draft],
    drafts: Drafts,
    kept_days: int,
    now: datetime,
) -> Draft | None:
    """Save what `change` makes of the draft, as often as others were quicker; None if there is no such draft.

    One that was sent is not changed any more: it is answered as it is.
    """
    for _ in range(SAVES_MAX):
        draft = await drafts.draft(draft_id, browser, now=now)
        if draft is None or draft.application_id:
            return draft
        changed = replace(change(draft), saved_at=now)
        if await drafts.change(changed, browser, until=kept_until(changed, days=kept_days)):
            return replace(changed, version=draft.version + 1)
    raise DependencyDownError("database")
