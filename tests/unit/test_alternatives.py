"""Which other times of a meeting are offered: pure, so the corners are tried here."""

from datetime import UTC, datetime, timedelta

from services.scheduler.alternatives import ALTERNATIVES_MAX, Alternative, spread

MONDAY = datetime(2027, 1, 11, 8, 0, tzinfo=UTC)


def at(days: int, half_hours: int, cost: int) -> Alternative:
    """A start so many days and half hours after MONDAY; wall time is UTC here."""
    start = MONDAY + timedelta(days=days, minutes=30 * half_hours)
    return Alternative(f"{start:%Y-%m-%dT%H:%M}", start, cost)


def test_the_cheapest_come_first_and_of_equal_ones_the_earlier() -> None:
    """As everywhere in the matcher."""
    cheap, late, early = at(3, 0, 1), at(2, 0, 5), at(1, 0, 5)
    assert spread([late, early, cheap]) == [cheap, early, late]


def test_no_day_is_offered_twice_while_there_are_others() -> None:
    """Three half hours in a row are no choice, however cheap they are."""
    same_day = [at(0, half_hour, half_hour) for half_hour in range(4)]
    others = [at(1, 0, 90), at(2, 0, 80)]
    assert spread([*same_day, *others]) == [same_day[0], others[1], others[0]]


def test_more_of_a_day_are_offered_where_there_are_no_others() -> None:
    """Better the same day again than nothing."""
    same_day = [at(0, half_hour, half_hour) for half_hour in range(4)]
    assert spread([*same_day, at(1, 0, 2)]) == [same_day[0], same_day[1], at(1, 0, 2)]
    assert spread(same_day) == same_day[:ALTERNATIVES_MAX]


def test_near_a_proposed_time_the_nearest_come_first_whatever_they_cost() -> None:
    """She told when it suits her."""
    far, near, nearer = at(9, 0, 0), at(2, 0, 50), at(4, 2, 99)
    proposed = MONDAY + timedelta(days=4)
    assert spread([far, near, nearer], near=proposed) == [nearer, near, far]


def test_of_nothing_nothing_is_offered() -> None:
    """The offer is then empty."""
    assert spread([]) == []
