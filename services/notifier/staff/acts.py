"""Puts together what staff see before they act on a mail: what it is, what will happen, whom it reaches."""

from datetime import datetime
from functools import partial
from zoneinfo import ZoneInfo

from services.notifier.staff.act_on_message import may_change, may_move_to, read_before
from services.notifier.staff.act_on_planned import find_planned
from services.notifier.staff.act_pages import Act
from services.notifier.staff.act_words import (
    CAN_GO_AGAIN,
    GOES_NOW,
    GOES_TO_NOBODY,
    LIFT,
    LINKS_VOID,
    NOBODY_MAILED,
    ON_MESSAGES,
    ON_PLANNED,
    MessageAct,
    PlannedAct,
)
from services.notifier.staff.again import Before, why_not_again
from services.notifier.staff.desk import PAGES, StaffDesk
from services.notifier.staff.known import Addressee
from services.notifier.staff.people import known_of
from services.notifier.staff.refusals import Refused
from services.notifier.staff.rows import Rows
from services.notifier.staff.suppressed_page import suppressed_row
from services.notifier.staff.words import FUNCTIONS, KINDS, words_of
from services.notifier.suppress.suppression import Suppression
from services.notifier.timed.hours import in_hours
from services.notifier.timed.timed_mail import TimedMail
from shared.words import Language, Words


async def act_on_message(
    message_id: str, kind: MessageAct, language: Language, *, desk: StaffDesk
) -> tuple[Act, Refused | None]:
    """The act, and why it cannot be done. Raises UnknownMessageError, and as `Vault.unseal`."""
    before = await read_before(message_id, desk=desk)
    message, rows = before.message, Rows(language, desk.programme.tz)
    to = before.known.addressee(message.person_id, desk.programme)
    address = f"{PAGES}/{message_id}"
    is_again = kind == "again"
    refusal = why_not_again(before, desk.programme) if is_again else None
    day, clock = wall(message.due_at, desk.programme.tz)
    act = Act(
        words=ON_MESSAGES[kind],
        subject=f"{kind} {message_id}",
        address=f"{address}/acts/{kind}",
        back=address,
        about=[*_lines(message.kind, to, before.known.reference, language), rows.moment(message.due_at)],
        then=_then(before, desk) if is_again else [NOBODY_MAILED if kind == "stop" else GOES_TO_NOBODY],
        mailed=[_mailed(message.kind, to, language)] if is_again else [],
        hidden={"number": str(len(before.earlier))} if is_again else None,
        with_time=kind == "move",
        day=day,
        clock=clock,
        until=rows.moment(message.useful_until),
        refuses_time=partial(may_move_to, useful_until=message.useful_until, now=before.now),
    )
    return act, (Refused(refusal) if refusal else None) if is_again else may_change(message)


async def act_on_planned(
    application_id: str, key: str, kind: PlannedAct, language: Language, *, desk: StaffDesk
) -> tuple[Act, Refused | None]:
    """The same for a mail that is still to be written. Raises as `Vault.unseal`."""
    view, mail = await find_planned(application_id, key, desk=desk)
    rows, known = Rows(language, desk.programme.tz), await known_of(view, vault=desk.vault)
    day, clock = wall(mail.due_at if mail else None, desk.programme.tz)
    lines = []
    if mail is not None:
        to = known.addressee(mail.person_id, desk.programme)
        lines = [*_lines(mail.kind, to, known.reference, language), rows.moment(mail.due_at)]
    act = Act(
        words=ON_PLANNED[kind],
        subject=f"planned {kind} {application_id} {key}",
        address=f"{PAGES}/planned/{application_id}/{key}/acts/{kind}",
        back=f"{PAGES}/applications/{application_id}",
        about=lines,
        then=[NOBODY_MAILED if kind == "stop" else GOES_TO_NOBODY],
        with_time=kind == "move",
        day=day,
        clock=clock,
        until=rows.moment(mail.useful_until) if mail else "",
        refuses_time=partial(_refuses_time, mail=mail, desk=desk),
    )
    return act, None if mail else Refused("not_planned")


async def act_on_address(found: Suppression, language: Language, *, desk: StaffDesk) -> Act:
    """Letting an address have mail again; lists what could then be sent again. Raises as `Vault.unseal`."""
    rows = Rows(language, desk.programme.tz)
    references = await desk.view_facts.references([found.application_id])
    row = await suppressed_row(found, references, rows, desk=desk)
    undelivered = await desk.lists.failed_to(found.digest, now=desk.clock())
    return Act(
        words=LIFT,
        subject=f"lift {found.digest}",
        address=f"{PAGES}/suppressed/{found.digest}/lift",
        back=f"{PAGES}/suppressed",
        about=[row.address, row.reason.in_language(language), row.since],
        then=[GOES_TO_NOBODY, *([CAN_GO_AGAIN] if undelivered else [])],
        listed=[f"{_kind(one.kind, language)}, {rows.moment(one.created_at)}" for one in undelivered],
    )


def wall(at: datetime | None, zone: ZoneInfo) -> tuple[str, str]:
    """Day and clock as a form's fields hold them; empty for none."""
    if at is None:
        return "", ""
    local = at.astimezone(zone)
    return f"{local:%Y-%m-%d}", f"{local:%H:%M}"


def _refuses_time(at: datetime, *, mail: TimedMail | None, desk: StaffDesk) -> Refused | None:
    if not in_hours(at, desk.programme):
        return Refused("outside_hours")
    return may_move_to(at, useful_until=mail.useful_until if mail else None, now=desk.clock())


def _then(before: Before, desk: StaffDesk) -> list[Words]:
    content = before.content
    hider = desk.hider("da")
    personal = hider.links(content.text) if content else set()
    void = personal - before.known.links(before.message.person_id)
    return [GOES_NOW, *([LINKS_VOID] if void else [])]


def _lines(kind: str, to: Addressee, reference: str, language: Language) -> list[str]:
    return [_kind(kind, language), _to(to, language), reference]


def _mailed(kind: str, to: Addressee, language: Language) -> str:
    return f"{_kind(kind, language)}: {_to(to, language)}, {to.mail}"


def _kind(kind: str, language: Language) -> str:
    return words_of(kind, KINDS).in_language(language)


def _to(to: Addressee, language: Language) -> str:
    function = words_of(to.function, FUNCTIONS).in_language(language)
    return f"{to.name} ({function})" if to.name else function
