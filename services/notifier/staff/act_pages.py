"""The pages of an act of staff: its form, the question that says what will happen, and why it cannot be done."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from fastapi import Request, Response

from services.notifier.staff.act_words import ActWords
from services.notifier.staff.desk import StaffDesk
from services.notifier.staff.refusals import Refused
from shared.staff.staff import Staff
from shared.web import form_token
from shared.words import Words

FORM_TOKEN: Final = "form_token"  # noqa: S105 - the name of a field
CONFIRMED: Final = "confirmed"
WRONG_STATUS: Final = 422
CONFLICT_STATUS: Final = 409


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """One act on one thing. `subject` names both in the form's token; `address` is that of its form, `back` of the page before.

    `about` are lines on what it is about; `then`, what will happen, and `mailed`, to whom mails go, stand in the question.
    `with_time`: it needs one, `day` and `clock` are what the form begins with, `until` the last that is possible, and
    `refuses_time` says why one is not.
    """

    words: ActWords
    subject: str
    address: str
    back: str
    about: Sequence[str]
    then: Sequence[Words] = ()
    mailed: Sequence[str] = ()
    listed: Sequence[str] = ()
    hidden: Mapping[str, str] | None = None
    with_time: bool = False
    day: str = ""
    clock: str = ""
    until: str = ""
    refuses_time: Callable[[datetime], Refused | None] | None = None


def form_page(
    request: Request,
    act: Act,
    *,
    staff: Staff,
    desk: StaffDesk,
    typed: Mapping[str, str] | None = None,
    faults: Mapping[str, Words] | None = None,
) -> Response:
    """What staff fill in."""
    return desk.site.page(
        request,
        "messages/act.html",
        language=desk.site.language_of(request),
        status_code=WRONG_STATUS if faults else 200,
        staff=staff,
        act=act,
        typed=typed or {"day": act.day, "clock": act.clock},
        faults=faults or {},
        token=token_for(act, staff, desk),
    )


def question_page(
    request: Request, act: Act, typed: Mapping[str, str], *, staff: Staff, desk: StaffDesk, when: str = ""
) -> Response:
    """The last look before it is done; `when` is the time that was chosen, in words."""
    kept = {name: typed[name] for name in ("reason", "day", "clock") if name in typed}
    return desk.site.page(
        request,
        "messages/question.html",
        language=desk.site.language_of(request),
        staff=staff,
        act=act,
        fields={**kept, **(act.hidden or {})},
        when=when,
        reason=" ".join(typed.get("reason", "").split()),
        token=token_for(act, staff, desk),
    )


def impossible_page(request: Request, act: Act, refused: Refused, *, staff: Staff, desk: StaffDesk) -> Response:
    """Why not; nothing was changed."""
    return desk.site.page(
        request,
        "messages/impossible.html",
        language=desk.site.language_of(request),
        status_code=CONFLICT_STATUS,
        staff=staff,
        act=act,
        why=refused.words,
    )


def token_for(act: Act, staff: Staff, desk: StaffDesk) -> str:
    """The form token of this act by this member of staff."""
    return form_token.make(key=desk.form_key, subject=_subject(act, staff), now=desk.clock())


def token_is_right(token: str, act: Act, staff: Staff, desk: StaffDesk) -> bool:
    return form_token.check(token, key=desk.form_key, subject=_subject(act, staff), now=desk.clock()) == "right"


def _subject(act: Act, staff: Staff) -> str:
    return f"messages {act.subject} {staff.account}"
