"""What may be put off takes a small share of the time, however many ask for it."""

from services.scheduler.leisure import SAVED_SECONDS_MAX, SHARE, Leisure


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def test_time_is_saved_up_to_a_limit() -> None:
    """After a quiet hour there is as much as at the beginning."""
    clock = Clock()
    leisure = Leisure(clock)
    assert leisure.left() == SAVED_SECONDS_MAX
    clock.now += 3600
    assert leisure.left() == SAVED_SECONDS_MAX


def test_what_was_spent_comes_back_slowly() -> None:
    """Overspent, nothing is begun until the share of the time that passed is worth it."""
    clock = Clock()
    leisure = Leisure(clock)
    leisure.left()
    leisure.spend(SAVED_SECONDS_MAX + 0.1)
    assert leisure.left() == 0
    clock.now += 1.0
    assert leisure.left() == 0
    clock.now += 1.0
    assert abs(leisure.left() - (2 * SHARE - 0.1)) < 1e-9


def test_in_a_rush_no_more_than_the_share_is_spent() -> None:
    """Somebody who always takes 50 milliseconds gets a tenth of the time over a minute."""
    clock = Clock()
    leisure = Leisure(clock)
    spent = 0.0
    while clock.now < 160:
        clock.now += 0.05
        if leisure.left():
            leisure.spend(0.05)
            spent += 0.05
    assert spent <= 60 * SHARE + SAVED_SECONDS_MAX + 0.05
