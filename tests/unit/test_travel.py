from itertools import combinations

import pytest

from shared.reference.municipalities import load_municipalities
from shared.reference.travel import great_circle_km, travel_minutes

ALL = load_municipalities()


def minutes(start: str, end: str) -> int:
    by_name = {one.short_name: one for one in ALL}
    return travel_minutes(by_name[start], by_name[end])


def test_great_circle_distance() -> None:
    """A known distance comes out right: København to Aarhus is 157 km as the crow flies."""
    assert great_circle_km((55.676, 12.568), (56.157, 10.211)) == pytest.approx(157, abs=1)
    assert great_circle_km((55.0, 12.0), (55.0, 12.0)) == 0


@pytest.mark.parametrize(
    ("start", "end", "least", "most"),
    [
        ("København", "Roskilde", 30, 50),
        ("København", "Odense", 100, 135),
        ("København", "Aarhus", 180, 230),
        ("Aarhus", "Aalborg", 75, 100),
        ("Aarhus", "Esbjerg", 100, 130),
        ("København", "Bornholm", 180, 300),
        ("Esbjerg", "Fanø", 25, 50),
    ],
)
def test_known_journeys_are_about_right(start: str, end: str, least: int, most: int) -> None:
    """Journeys that everybody knows come out near what the road takes."""
    assert least <= minutes(start, end) <= most


def test_the_belt_is_crossed_by_the_bridge() -> None:
    """Kalundborg and Aarhus face each other over the water, yet by road they are hours apart."""
    assert minutes("Kalundborg", "Aarhus") > 150


def test_every_pair_is_sane() -> None:
    """All 4,753 journeys are the same both ways, whole five minutes, and at most ten hours (Bornholm to Læsø)."""
    for start, end in combinations(ALL, 2):
        there = travel_minutes(start, end)
        assert there == travel_minutes(end, start)
        assert there % 5 == 0
        assert 15 <= there <= 600


def test_a_journey_at_home_is_short() -> None:
    """Within one municipality only the local minutes count, on an island too: no ferry is taken."""
    assert all(travel_minutes(one, one) == 10 for one in ALL)
