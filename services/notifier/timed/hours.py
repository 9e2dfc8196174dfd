"""The hours of working days in which timed mails go out. Wall times of the programme's zone, answered as instants. Pure."""

from datetime import UTC, date, datetime, timedelta

from shared.programme import Programme
from shared.wall_times import minutes_of_day
from shared.working_days import is_working_day, working_day_from


def opening(day: date, programme: Programme) -> datetime:
    """When the hours of this day begin."""
    return _at(day, programme.messages.send_hours[0], programme)


def closing(day: date, programme: Programme) -> datetime:
    """When they end; this instant is no more in them."""
    return _at(day, programme.messages.send_hours[1], programme)


def in_hours(now: datetime, programme: Programme) -> bool:
    day = now.astimezone(programme.tz).date()
    return opening(day, programme) <= now < closing(day, programme) and is_working_day(day, programme)


def next_opening(now: datetime, programme: Programme) -> datetime:
    """The first beginning of such hours after `now`."""
    day = now.astimezone(programme.tz).date()
    first = day if now < opening(day, programme) else day + timedelta(days=1)
    return opening(working_day_from(first, programme), programme)


def next_day_opening(now: datetime, programme: Programme) -> datetime:
    """The same hour tomorrow, whether people work then or not."""
    return opening(now.astimezone(programme.tz).date() + timedelta(days=1), programme)


def _at(day: date, wall: str, programme: Programme) -> datetime:
    days, minutes = divmod(minutes_of_day(wall), 24 * 60)
    hour, minute = divmod(minutes, 60)
    whole = day + timedelta(days=days)
    return datetime(whole.year, whole.month, whole.day, hour, minute, tzinfo=programme.tz).astimezone(UTC)
