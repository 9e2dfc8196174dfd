"""Travel time between municipalities, estimated from the distance of their main towns by way of the bridges."""

import math
from itertools import pairwise
from typing import Final

from shared.reference.municipalities import Land, Municipality

EARTH_RADIUS_KM: Final = 6371.0
ROAD_FACTOR: Final = 1.2
"""Roads are about a fifth longer than the straight line."""
SPEED_KM_PER_HOUR: Final = 90.0
LOCAL_MINUTES: Final = 10.0
"""Getting out of one town and into the other, parking included."""
ROUNDED_UP_TO_MINUTES: Final = 5

LITTLE_BELT: Final = (55.520, 9.745)
GREAT_BELT: Final = (55.342, 11.036)
_BRIDGES: Final[dict[tuple[Land, Land], tuple[tuple[float, float], ...]]] = {
    ("jutland", "funen"): (LITTLE_BELT,),
    ("funen", "zealand"): (GREAT_BELT,),
    ("jutland", "zealand"): (LITTLE_BELT, GREAT_BELT),
}
"""What a car must cross between two parts of the country; without it Kalundborg would lie an hour from Aarhus."""


def travel_minutes(start: Municipality, end: Municipality) -> int:
    """Return the estimated minutes by car and ferry from town to town, rounded up to 5 minutes; the same both ways.

    10 minutes + 1.2 x great-circle distance by way of the bridges at 90 km/h + the ferries with their waiting time.
    Within one municipality it is the 10 minutes alone.
    """
    minutes = LOCAL_MINUTES + _kilometres(start, end) * ROAD_FACTOR / SPEED_KM_PER_HOUR * 60
    if start.code != end.code:
        minutes += start.ferry_minutes + end.ferry_minutes
    return math.ceil(minutes / ROUNDED_UP_TO_MINUTES) * ROUNDED_UP_TO_MINUTES


def great_circle_km(start: tuple[float, float], end: tuple[float, float]) -> float:
    """Return the kilometres between two points given as (latitude, longitude) in degrees (haversine formula)."""
    (latitude_1, longitude_1), (latitude_2, longitude_2) = start, end
    phi_1, phi_2 = math.radians(latitude_1), math.radians(latitude_2)
    half_height = math.sin((phi_2 - phi_1) / 2) ** 2
    half_width = math.sin(math.radians(longitude_2 - longitude_1) / 2) ** 2
    return 2 * EARTH_RADIUS_KM * math.asin(math.sqrt(half_height + math.cos(phi_1) * math.cos(phi_2) * half_width))


def _kilometres(start: Municipality, end: Municipality) -> float:
    # Always measured from the west, so that rounding never makes the way back differ.
    west, east = sorted((start, end), key=lambda one: ("jutland", "funen", "zealand").index(one.land))
    stops = [
        (west.latitude, west.longitude),
        *_BRIDGES.get((west.land, east.land), ()),
        (east.latitude, east.longitude),
    ]
    return sum(great_circle_km(a, b) for a, b in pairwise(stops))
