"""Drafts: sealed for one browser, found by it alone, kept for some days, the same request whenever they are sent."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.intake.form.draft import Browser, Draft, is_id, is_secret, kept_until, new_draft, new_secret, sent_as
from services.intake.form.keep_draft import DRAFTS_MAX, SAVES_MAX, begin_draft, change_draft
from services.intake.form.send import hindrance, token_subject
from services.intake.form.steps import Step
from shared.errors import DependencyDownError
from shared.sealing import SealBrokenError
from shared.web import form_token

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
OURS = b"o" * 32
ANNE = Browser(new_secret(bytes(32)), OURS)
BO = Browser(new_secret(bytes([1] * 32)), OURS)
DRAFT = replace(
    new_draft(bytes(12), NOW), entries={"challenge": ("Tekst",), "themes": ("a", "b")}, tried=frozenset({Step.MATTER})
)
NONCE = bytes(12)


class Drawer:
    """Holds drafts in memory; `overtaken` is how often somebody else saves first."""

    def __init__(self, *drafts: Draft, overtaken: int = 0) -> None:
        self.held = {draft.id: draft for draft in drafts}
        self.overtaken = overtaken

    async def insert(self, draft: Draft, _browser: Browser, *, until: datetime) -> None:
        assert until > NOW
        self.held[draft.id] = draft

    async def change(self, draft: Draft, _browser: Browser, *, until: datetime) -> bool:
        assert until > NOW
        if self.overtaken:
            self.overtaken -= 1
            before = self.held[draft.id]
            other = {**before.entries, "sector": ("x",)}
            self.held[draft.id] = replace(before, entries=other, version=before.version + 1)
            return False
        self.held[draft.id] = replace(draft, version=draft.version + 1)
        return True

    async def draft(self, draft_id: str, _browser: Browser, *, now: datetime) -> Draft | None:
        assert now == NOW
        return self.held.get(draft_id)

    async def drafts(self, _browser: Browser, *, now: datetime) -> list[Draft]:
        assert now == NOW
        return list(self.held.values())


def test_a_draft_opens_for_its_browser_as_it_was_sealed() -> None:
    """All of it, with the version of the document it was read from."""
    document_id = ANNE.document_id(DRAFT.id)
    opened = ANNE.unseal(ANNE.seal(DRAFT, nonce=NONCE), document_id=document_id, version=7)
    assert opened == replace(DRAFT, version=7)


@pytest.mark.parametrize(
    ("browser", "place"),
    [
        (BO, ANNE.document_id(DRAFT.id)),
        (Browser(ANNE.secret, b"p" * 32), ANNE.document_id(DRAFT.id)),
        (ANNE, ANNE.document_id("another")),
    ],
)
def test_a_draft_opens_for_nobody_else_and_nowhere_else(browser: Browser, place: str) -> None:
    """Not with another cookie, not with another secret of ours, not moved to another document."""
    with pytest.raises(SealBrokenError):
        browser.unseal(ANNE.seal(DRAFT, nonce=NONCE), document_id=place, version=1)


def test_documents_of_two_browsers_and_two_drafts_have_nothing_in_common() -> None:
    """And no digest holds what it was made of."""
    ids = {ANNE.document_id("a"), ANNE.document_id("b"), BO.document_id("a"), ANNE.digest, BO.digest}
    assert len(ids) == 5
    assert ANNE.secret not in "".join(ids)
    assert "Tekst" not in repr(DRAFT)
    assert ANNE.secret not in repr(ANNE)


def test_ids_and_secrets_are_known_by_their_form() -> None:
    """Nothing else is ever decoded or looked for."""
    assert is_secret(ANNE.secret)
    assert is_id(DRAFT.id)
    for junk in ("", "x", ANNE.secret + "=", ANNE.secret[:-1] + "ø", "A" * 44):
        assert not is_secret(junk)
        assert not is_id(junk)


def test_all_sendings_of_a_draft_are_one_request() -> None:
    """Whatever was changed between them; those of another draft are another."""
    one, two = (
        ANNE.request_mark(DRAFT.id, request_key=OURS, kept_days=14, now=NOW + timedelta(hours=hours))
        for hours in (0, 1)
    )
    assert (one.key, one.body) == (two.key, two.body)
    assert one.until == NOW + timedelta(days=14)
    assert ANNE.request_mark("another", request_key=OURS, kept_days=14, now=NOW).key != one.key


def test_a_sent_draft_keeps_nothing_but_its_application() -> None:
    """For a day; one that waits is kept for the programme's days from the last save."""
    sent = sent_as(DRAFT, "application")
    assert (sent.entries, sent.tried) == ({}, frozenset())
    assert kept_until(sent, days=14) == NOW + timedelta(days=1)
    assert kept_until(DRAFT, days=14) == NOW + timedelta(days=14)


async def test_a_save_that_was_overtaken_keeps_what_the_other_saved() -> None:
    """It is made again on what is there now."""
    drawer = Drawer(DRAFT, overtaken=2)
    changed = await change_draft(
        DRAFT.id,
        ANNE,
        change=lambda draft: replace(draft, entries={**draft.entries, "challenge": ("Ny",)}),
        drafts=drawer,
        kept_days=14,
        now=NOW,
    )
    assert changed is not None
    assert changed.entries == {"challenge": ("Ny",), "themes": ("a", "b"), "sector": ("x",)}
    assert changed.version == drawer.held[DRAFT.id].version


async def test_a_save_gives_up_when_it_is_overtaken_for_ever() -> None:
    """The page then holds what was typed."""
    drawer = Drawer(DRAFT, overtaken=SAVES_MAX)
    with pytest.raises(DependencyDownError):
        await change_draft(DRAFT.id, ANNE, change=lambda draft: draft, drafts=drawer, kept_days=14, now=NOW)


async def test_a_sent_draft_is_never_changed_again() -> None:
    """A late save of another tab finds the receipt."""
    drawer = Drawer(sent_as(DRAFT, "application"))
    found = await change_draft(
        DRAFT.id, ANNE, change=lambda draft: replace(draft, tried=frozenset()), drafts=drawer, kept_days=14, now=NOW
    )
    assert found == drawer.held[DRAFT.id]


async def test_sent_drafts_do_not_count_among_those_that_are_unfinished() -> None:
    """Who has sent ten may begin an eleventh; who has begun ten may not."""
    waiting = [new_draft(bytes([number] * 12), NOW) for number in range(DRAFTS_MAX)]
    sent = Drawer(*(sent_as(draft, "application") for draft in waiting))
    assert await begin_draft(ANNE, random=bytes([99] * 12), drafts=sent, kept_days=14, now=NOW)
    full = Drawer(*waiting)
    assert await begin_draft(ANNE, random=bytes([99] * 12), drafts=full, kept_days=14, now=NOW) is None


@pytest.mark.parametrize(
    ("seconds", "version", "trap", "found"),
    [(4, 0, "", None), (3.9, 0, "", "fast"), (9, 1, "", "old"), (9, 0, "x", "trap"), (5 * 3600, 0, "", "old")],
)
def test_what_keeps_a_draft_from_being_sent(seconds: float, version: int, trap: str, found: str | None) -> None:
    """The field for programs, haste, and a token of another version or of hours ago."""
    token = form_token.make(key=OURS, subject=token_subject(DRAFT, ANNE), now=NOW)
    now = NOW + timedelta(seconds=seconds)
    draft = replace(DRAFT, version=version)
    assert hindrance(draft, token=token, trap=trap, form_key=OURS, browser=ANNE, now=now) == found
