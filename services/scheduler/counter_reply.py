"""Writes the calendar object that declines a proposed time (DECLINECOUNTER, RFC 5546 section 3.2.8), with what would be possible.

Made from stored values alone: the same values, the same bytes. Pure.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from services.scheduler.calendar_text import clean_line, clean_text
from services.scheduler.invite import (
    Invite,
    calendar_object,
    check,
    identity_lines,
    text_line,
    user_line,
    utc_times,
)
from shared.course_facts import DeclinedCounter, PossibleStart
from shared.reference.dates import format_clock, format_date
from shared.words import Language, Words

METHOD: Final = "DECLINECOUNTER"
_DECLINED: Final = Words(
    da="Vi kan desværre ikke flytte mødet til {proposed}. Mødet bliver liggende, hvor det er.",
    en="Unfortunately we cannot move the meeting to {proposed}. It stays where it is.",
)
_OUTDATED: Final = Words(
    da="Du har foreslået {proposed}, men mødet er ændret siden. Det står, som det sidst blev sendt til dig.",
    en="You have proposed {proposed}, but the meeting has changed since. It is as it was last sent to you.",
)
_POSSIBLE: Final = Words(
    da="Disse tidspunkter er mulige lige nu. Foreslå gerne et af dem:",
    en="These times are possible at the moment, and you are welcome to propose one of them:",
)
_NONE: Final = Words(
    da="Lige nu kan vi ikke se andre tidspunkter, der passer alle.",
    en="At the moment we see no other time that suits everybody.",
)
_MOMENT: Final = Words(da="{day} kl. {clock}", en="{day} at {clock}")


def decline_counter(invite: Invite, comment: str) -> bytes:
    """To the one attendee who proposed it; the times are those of the meeting, in UTC. ValueError as in `invite.request`."""
    check(invite)
    return calendar_object(
        METHOD,
        zone_lines=(),
        event_lines=(
            *identity_lines(invite),
            *utc_times(invite),
            text_line("SUMMARY", clean_line(invite.summary)),
            text_line("COMMENT", clean_text(comment)),
            user_line("ORGANIZER", invite.organizer),
            user_line("ATTENDEE", invite.attendee),
        ),
    )


def why_declined(counter: DeclinedCounter, language: Language) -> str:
    """The comment: what cannot be, and what could, with LF between the lines."""
    text = (_OUTDATED if counter.outdated else _DECLINED).in_language(language)
    lines = [text.format(proposed=_moment(counter.proposed, language))]
    lines += _possible(counter.starts, language)
    return "\n".join(lines)


def _possible(starts: Sequence[PossibleStart], language: Language) -> list[str]:
    if not starts:
        return [_NONE.in_language(language)]
    return [_POSSIBLE.in_language(language), *(f"- {_moment(one, language)}" for one in starts)]


def _moment(start: PossibleStart, language: Language) -> str:
    wall = datetime.fromisoformat(start.wall_start)
    words = _MOMENT.in_language(language)
    return words.format(day=format_date(wall.date(), language), clock=format_clock(wall, language))
