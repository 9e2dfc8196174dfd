"""The numbers behind a refusal in a clause, Danish and English: "rejsetid 2 t 10 min er mere end de 1 t 30 min …". Pure."""

from datetime import datetime
from functools import singledispatch

from services.scheduler.grains import DAY_MINUTES
from services.scheduler.near_facts import (
    AllClosed,
    ClockChange,
    Full,
    GapMissed,
    LongDay,
    NearMiss,
    PlaceBusy,
    ShortHours,
    ShortStretch,
    ShortTravel,
)
from shared.reference.dates import format_clock, format_day_and_month
from shared.words import Words

MINUTES_PER_HOUR = 60


def duration(minutes: int) -> Words:
    """For instance "2 t 10 min", "3 t", "45 min"; in English with h."""
    hours, rest = divmod(minutes, MINUTES_PER_HOUR)
    small = f"{rest} min" if rest or not hours else ""
    return Words(
        da=" ".join(part for part in (f"{hours} t" if hours else "", small) if part),
        en=" ".join(part for part in (f"{hours} h" if hours else "", small) if part),
    )


def near_words(near: NearMiss) -> Words:
    """A clause without its subject, which is the consultant."""
    return _words(near)


@singledispatch
def _words(near: object) -> Words:
    raise AssertionError(f"{type(near).__name__} has no words")


@_words.register
def _(near: Full) -> Words:
    return Words(
        da=f"har {near.active_courses} af højst {near.max_courses} forløb",
        en=f"has {near.active_courses} of at most {near.max_courses} courses",
    )


@_words.register
def _(near: ShortHours) -> Words:
    if not near.common_minutes:
        return Words(
            da="ingen arbejdstid, hvor stedet også er åbent", en="no working hours in which the place is open as well"
        )
    needed, common = duration(near.needed_minutes), duration(near.common_minutes)
    return Words(
        da=f"mødet varer {needed.da}, og arbejdstid og åbningstid falder højst sammen {common.da} i træk",
        en=f"the meeting lasts {needed.en}, and working and opening hours share at most {common.en} in a row",
    )


@_words.register
def _(near: AllClosed) -> Words:
    da, en = (format_day_and_month(near.first, language) for language in ("da", "en"))
    if near.days == 1:
        return Words(da=f"den eneste mulige dag, {da}, er en lukkedag", en=f"the only day there is, {en}, is closed")
    last_da, last_en = (format_day_and_month(near.last, language) for language in ("da", "en"))
    return Words(
        da=f"alle {near.days} mulige dage fra {da} til {last_da} er lukkedage",
        en=f"all of the {near.days} days there are, from {en} to {last_en}, are closed",
    )


@_words.register
def _(near: PlaceBusy) -> Words:  # noqa: ARG001 - its kind says all
    return Words(da="stedet er optaget på alle mulige tider", en="the place is taken at every possible time")


@_words.register
def _(near: ShortStretch) -> Words:
    if near.day is None or not near.free_minutes:
        return Words(da="optaget på alle mulige tider", en="busy at every possible time")
    needed, free = duration(near.needed_minutes), duration(near.free_minutes)
    return Words(
        da=f"mødet varer {needed.da}, og der er højst {free.da} ledig i træk, {format_day_and_month(near.day, 'da')}",
        en=f"the meeting lasts {needed.en}, and at most {free.en} in a row is free, {format_day_and_month(near.day, 'en')}",
    )


@_words.register
def _(near: ShortTravel) -> Words:
    before = near.lacks_before >= near.lacks_after
    setup = near.setup_minutes if before else 0
    needed, free = near.travel_minutes + setup, near.free_before if before else near.free_after
    takes, left = duration(needed), duration(free)
    what_da = "rejsetid og klargøring" if setup else "rejsetid"
    what_en = "travelling and setting up" if setup else "travelling"
    day_da, day_en = (format_day_and_month(near.day, language) for language in ("da", "en"))
    if not free:
        return Words(
            da=f"{what_da} {takes.da}, og ingen tid mellem to aftaler den {day_da}",
            en=f"{what_en} takes {takes.en}, and there is no time between two appointments on {day_en}",
        )
    return Words(
        da=f"{what_da} {takes.da} er mere end de {left.da} mellem to aftaler den {day_da}",
        en=f"{what_en} takes {takes.en}, more than the {left.en} between two appointments on {day_en}",
    )


@_words.register
def _(near: LongDay) -> Words:
    day_da, day_en = (format_day_and_month(near.day, language) for language in ("da", "en"))
    leaves_da, home_da = (clock_of(wall, "da") for wall in (near.leaves, near.home))
    leaves_en, home_en = (clock_of(wall, "en") for wall in (near.leaves, near.home))
    earliest, latest = _minute(near.earliest), _minute(near.latest)
    return Words(
        da=f"møde og rejse tager fra kl. {leaves_da} til {home_da} den {day_da} "
        f"og skal ligge mellem kl. {earliest.da} og {latest.da}",
        en=f"meeting and travelling take from {leaves_en} to {home_en} on {day_en} "
        f"and must lie between {earliest.en} and {latest.en}",
    )


@_words.register
def _(near: ClockChange) -> Words:  # noqa: ARG001 - its kind says all
    return Words(da="kun tider, hvor uret stilles", en="only times at which the clock is put forward or back")


@_words.register
def _(near: GapMissed) -> Words:
    days = f"{near.min_days}–{near.max_days}"
    if near.nearest_days is None or near.before is None or near.day is None:
        return Words(
            da=f"ingen dag efter mødet før; der skal gå {days} dage",
            en=f"no day after the meeting before; {days} days must pass",
        )
    from_da, from_en = (format_day_and_month(near.before, language) for language in ("da", "en"))
    to_da, to_en = (format_day_and_month(near.day, language) for language in ("da", "en"))
    return Words(
        da=f"nærmest er {near.nearest_days} dage efter mødet før, fra {from_da} til {to_da}; der skal gå {days}",
        en=f"nearest is {near.nearest_days} days after the meeting before, from {from_en} to {to_en}; {days} must pass",
    )


def clock_of(wall: str, language: str) -> str:
    """The clock time of a wall time "2027-02-03T09:30"."""
    return format_clock(datetime.fromisoformat(wall), language)


def _minute(minute: int) -> Words:
    if minute == DAY_MINUTES:
        return Words(da="24.00", en="24:00")
    hours, rest = divmod(minute, MINUTES_PER_HOUR)
    return Words(da=f"{hours}.{rest:02}", en=f"{hours}:{rest:02}")
