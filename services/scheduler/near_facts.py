"""The numbers behind a refusal, a kind for each way in which a rule can stand in a consultant's way. Pure values."""

from datetime import date
from typing import Annotated, Literal

from pydantic import Field

from shared.fact import Fact

Wall = Annotated[str, Field(description='Wall time of the programme, "2027-02-03T09:30".')]


class Full(Fact):
    """Rule `capacity`: she has as many courses as she takes."""

    kind: Literal["full"] = "full"
    active_courses: int
    max_courses: int


class ShortHours(Fact):
    """Rule `hours`: the longest stretch that lies in her working hours and in the place's, against the meeting's length."""

    kind: Literal["short_hours"] = "short_hours"
    needed_minutes: int
    common_minutes: int


class AllClosed(Fact):
    """Rule `closed`: every day on which both work is a closed day; how many there are, the first and the last."""

    kind: Literal["all_closed"] = "all_closed"
    days: int
    first: date
    last: date


class PlaceBusy(Fact):
    """Rule `busy`: the place itself is taken whenever both work."""

    kind: Literal["place_busy"] = "place_busy"


class ShortStretch(Fact):
    """Rule `busy`: nowhere is she free for as long as the meeting lasts; the longest she is, and on which day."""

    kind: Literal["short_stretch"] = "short_stretch"
    needed_minutes: int
    free_minutes: int
    day: date | None = None


class ShortTravel(Fact):
    """Rule `busy`: she is free for the meeting, but not for travelling as well; the day on which the least is lacking.

    Travel is in minutes one way. Free is what lies between the meeting and her appointment before it, after it: at most
    what is needed, in half hours.
    """

    kind: Literal["short_travel"] = "short_travel"
    day: date
    start: Wall
    travel_minutes: int
    setup_minutes: int
    free_before: int
    free_after: int

    @property
    def lacks_before(self) -> int:
        """Minutes by which travelling there and setting up is too long; 0 or less: it is not."""
        return self.travel_minutes + self.setup_minutes - self.free_before

    @property
    def lacks_after(self) -> int:
        return self.travel_minutes - self.free_after


class LongDay(Fact):
    """Rule `travel`: she would have to leave before, or be home after, the hours in which consultants travel."""

    kind: Literal["long_day"] = "long_day"
    day: date
    start: Wall
    leaves: Wall
    home: Wall
    # Minutes of the local day.
    earliest: int
    latest: int


class ClockChange(Fact):
    """Rules `hours` and `travel`: what is left touches an hour that a clock change skips or repeats."""

    kind: Literal["clock_change"] = "clock_change"


class GapMissed(Fact):
    """Rule `gaps`: the number of days from the meeting before that comes nearest to what is allowed; None: no later day."""

    kind: Literal["gap_missed"] = "gap_missed"
    min_days: int
    max_days: int
    nearest_days: int | None = None
    before: date | None = None
    day: date | None = None


NearMiss = Annotated[
    Full | ShortHours | AllClosed | PlaceBusy | ShortStretch | ShortTravel | LongDay | ClockChange | GapMissed,
    Field(discriminator="kind"),
]
