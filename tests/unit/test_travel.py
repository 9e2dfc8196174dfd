"""The table of travel minutes: made from the road graph, and sane for every pair of municipalities."""

from itertools import combinations

import pytest

from deploy.travel.road_graph import RoadGraph, great_circle_km
from deploy.travel.table import ROADS, TABLE, table_text
from shared.reference.municipalities import load_municipalities
from shared.reference.travel import travel_minutes

ALL = load_municipalities()
BY_NAME = {one.short_name: one for one in ALL}
PAIRS = list(combinations(ALL, 2))

# Minutes of driving from town to town as people know them, by general knowledge and without looking up a route.
KNOWN = {
    ("København", "Roskilde"): 35,
    ("København", "Helsingør"): 45,
    ("København", "Køge"): 40,
    ("København", "Næstved"): 70,
    ("København", "Guldborgsund"): 95,
    ("København", "Kalundborg"): 80,
    ("København", "Odense"): 100,
    ("København", "Aarhus"): 180,
    ("København", "Esbjerg"): 180,
    ("København", "Aalborg"): 250,
    ("Aarhus", "Aalborg"): 75,
    ("Aarhus", "Herning"): 62,
    ("Aarhus", "Viborg"): 60,
    ("Aarhus", "Esbjerg"): 105,
    ("Aarhus", "Odense"): 100,
    ("Aalborg", "Hjørring"): 45,
    ("Aalborg", "Frederikshavn"): 50,
    ("Odense", "Svendborg"): 40,
    ("Odense", "Kolding"): 50,
    ("Odense", "Langeland"): 60,
    ("Esbjerg", "Kolding"): 50,
    ("Esbjerg", "Ringkøbing-Skjern"): 75,
    ("Sønderborg", "Kolding"): 68,
    ("Thisted", "Holstebro"): 75,
    ("Morsø", "Skive"): 32,
    ("Lolland", "Guldborgsund"): 32,
    ("Hillerød", "Frederikssund"): 30,
    ("København", "Bornholm"): 195,
    ("Esbjerg", "Fanø"): 35,
    ("Aarhus", "Samsø"): 140,
    ("Svendborg", "Ærø"): 105,
    ("Aalborg", "Læsø"): 175,
}


def minutes(start: str, end: str) -> int:
    return travel_minutes(BY_NAME[start], BY_NAME[end])


def test_the_table_is_what_the_road_graph_gives() -> None:
    """Whoever changes a road writes the table anew: `python -m deploy.travel.table`."""
    assert table_text(ROADS.read_text(encoding="utf-8")) == TABLE.read_text(encoding="utf-8")


@pytest.mark.parametrize(("start", "end", "known"), [(*pair, known) for pair, known in KNOWN.items()])
def test_known_journeys_are_about_right(start: str, end: str, known: int) -> None:
    """Within 15 minutes or 15 per cent of what people know: rather more than less, since being late costs a meeting."""
    assert abs(minutes(start, end) - known) <= max(15, 0.15 * known)


def test_all_98_municipalities_reach_each_other_the_same_both_ways() -> None:
    """4,753 journeys in whole five minutes, from 10 minutes to under ten hours (Bornholm to Læsø)."""
    assert len(PAIRS) == 4753
    for start, end in PAIRS:
        there = travel_minutes(start, end)
        assert there == travel_minutes(end, start)
        assert there % 5 == 0
        assert 10 <= there < 600


def test_no_way_round_by_a_third_town_is_shorter() -> None:
    """The triangle inequality holds for every three municipalities without any tolerance."""
    table = {start.code: {end.code: travel_minutes(start, end) for end in ALL} for start in ALL}
    for start, end in PAIRS:
        way = table[start.code][end.code]
        assert all(
            way <= table[start.code][via] + table[via][end.code] for via in table if via not in {start.code, end.code}
        )


def test_no_journey_is_faster_than_a_motorway_and_none_slower_than_a_bicycle() -> None:
    """By the straight line between the towns: under 100 km/h; over 11 km/h, the way round a fjord and the ferries included."""
    for start, end in PAIRS:
        straight = great_circle_km((start.latitude, start.longitude), (end.latitude, end.longitude))
        assert straight / (travel_minutes(start, end) / 60) < 100
        assert straight < 5 or straight / (travel_minutes(start, end) / 60) > 11


@pytest.mark.parametrize(
    ("start", "end", "straight", "least"),
    [
        ("Kalundborg", "Aarhus", 77, 150),
        ("Halsnæs", "Odsherred", 23, 75),
        ("Langeland", "Lolland", 55, 120),
        ("Assens", "Haderslev", 27, 60),
        ("Syddjurs", "Odsherred", 69, 200),
    ],
)
def test_water_is_gone_round_where_no_bridge_leads_over_it(start: str, end: str, straight: int, least: int) -> None:
    """Towns that face each other over a belt or a fjord are as far apart as the road is."""
    here, there = BY_NAME[start], BY_NAME[end]
    assert great_circle_km((here.latitude, here.longitude), (there.latitude, there.longitude)) < straight + 1
    assert minutes(start, end) >= least


def test_one_gets_to_the_five_islands_by_ferry_only() -> None:
    """Without its ferries the graph leaves out Bornholm, Samsø, Ærø, Læsø and Fanø, and nobody else."""
    graph = RoadGraph(ROADS.read_text(encoding="utf-8"), {one.town: (one.latitude, one.longitude) for one in ALL})
    by_road = graph.minutes_from("København", ferries=False)
    assert {one.short_name for one in ALL if one.town not in by_road} == {"Bornholm", "Samsø", "Ærø", "Læsø", "Fanø"}
    assert all(one.is_island == (one.town not in by_road) for one in ALL)
    assert {one.town for one in ALL} <= graph.minutes_from("København").keys()


def test_a_journey_at_home_takes_no_ferry() -> None:
    """Within one municipality: 10 to 25 minutes, longer where towns lie far apart."""
    assert all(10 <= travel_minutes(one, one) <= 25 for one in ALL)
    assert minutes("Frederiksberg", "Frederiksberg") < minutes("Ringkøbing-Skjern", "Ringkøbing-Skjern")


def test_great_circle_distance() -> None:
    """A known distance comes out right: København to Aarhus is 157 km as the crow flies."""
    assert great_circle_km((55.676, 12.568), (56.157, 10.211)) == pytest.approx(157, abs=1)
    assert great_circle_km((55.0, 12.0), (55.0, 12.0)) == 0


@pytest.mark.parametrize(
    ("old", "new", "error"),
    [
        ('"Ringe", "Svendborg N"]', '"Ringe", "Svendburg"]', KeyError),
        ('to = "Vesterø"', 'to = "Westerø"', KeyError),
        ('class = "street"', 'class = "path"', KeyError),
        ('"Faaborg" =', '"Odense" =', ValueError),
    ],
)
def test_a_slip_in_the_road_file_is_told(old: str, new: str, error: type[Exception]) -> None:
    """A point or class that is not there never becomes a road to nowhere."""
    text = ROADS.read_text(encoding="utf-8")
    assert old in text
    with pytest.raises(error):
        table_text(text.replace(old, new, 1))
