"""Draws docs/matching.svg: the search for the course of `local/sample/match.json`, day by day, for two consultants.

Write it anew with `python -m deploy.matching_picture`; a test holds it to the matcher's present answer.
"""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Final

from services.scheduler.day_sets import days_that_lead_on, days_with_start
from services.scheduler.ground import Ground
from services.scheduler.instance import read_instance
from services.scheduler.instance_problem import problem_of
from services.scheduler.matching import match
from services.scheduler.outcome import Plan
from services.scheduler.problem import Consultant, Problem
from shared.reference.english_dates import day_and_month

ROOT: Final = Path(__file__).parent.parent
INSTANCE: Final = ROOT / "deploy" / "local" / "sample" / "match.json"
PICTURE: Final = ROOT / "docs" / "matching.svg"

LEFT, WIDTH, DAY_WIDTH = 104, 960, 5
ROW, BAR, PANEL = 46, 14, 240
TOP = 96

STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .small { font-size: 11px; fill: #59636e }
  .name { font-size: 15px; font-weight: 600 }
  .month { stroke: #d1d9e0 }
  .taken { fill: #d1d9e0 }
  .dead { fill: none; stroke: #6e7781 }
  .alive { fill: #54aeff }
  .chosen { fill: #bc4c00 }
  .gap { fill: none; stroke: #59636e }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc }
    .small { fill: #9198a1 }
    .month { stroke: #3d444d }
    .taken { fill: #3d444d }
    .dead { stroke: #9198a1 }
    .alive { fill: #388bfd }
    .chosen { fill: #f0883e }
    .gap { stroke: #9198a1 }
  }
"""


def picture() -> str:
    """The whole picture as SVG text, ended by a new line."""
    problem = problem_of(read_instance(INSTANCE.read_bytes()))
    ground = Ground(problem)
    plans = [plan for one in problem.consultants if (plan := match(problem, only=[one.id]).winner) is not None]
    plans.sort(key=lambda plan: (plan.cost, plan.starts, plan.consultant))
    people = {one.id: one for one in problem.consultants}
    height = TOP + PANEL * len(plans)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" aria-labelledby="title">',
        '<title id="title">One search: the days on which each meeting can begin, and the cheapest chain over them</title>',
        f"<style>{STYLE}</style>",
        *_legend(),
        *_months(problem, height),
    ]
    for number, plan in enumerate(plans):
        lines += _panel(ground, people[plan.consultant], plan, TOP + PANEL * number, chosen=number == 0)
    return "\n".join([*lines, "</svg>", ""])


def _legend() -> Iterator[str]:
    entries = (
        ("taken", "both work, but closed, busy, or too far to travel"),
        ("dead", "possible, but no whole course"),
        ("alive", "possible"),
        ("chosen", "the cheapest course"),
    )
    x = LEFT
    for name, text in entries:
        yield f'<rect class="{name}" x="{x}" y="13" width="4" height="{BAR}"/><text x="{x + 10}" y="25">{text}</text>'
        x += 36 + int(len(text) * 6.6)


def _months(problem: Problem, height: int) -> Iterator[str]:
    for number in range(problem.horizon.days):
        day = problem.horizon.first + timedelta(days=number)
        if day.day == 1 or not number:
            x = _x(number)
            yield f'<line class="month" x1="{x}" x2="{x}" y1="48" y2="{height - 24}"/>'
            if day.day == 1 and x < WIDTH - 40:
                yield f'<text class="small" x="{x + 4}" y="58">{day_and_month(day)}</text>'


def _panel(ground: Ground, consultant: Consultant, plan: Plan, top: int, *, chosen: bool) -> Iterator[str]:
    terms = " + ".join(f"{name.replace('_', ' ')} {value}" for name, value in plan.terms.items() if value)
    verdict = "chosen" if chosen else "not chosen"
    yield f'<text class="name" x="8" y="{top - 10}">{consultant.id}: {verdict}, cost {plan.cost} = {terms}</text>'
    levels = [[_days(bits, ground) for bits in ground.starts(consultant, kind)] for kind in ground.kind_index]
    possible = [days_with_start(ground.starts(consultant, kind)[-1], ground.days) for kind in ground.kind_index]
    onward = [_marks(bits, ground) for bits in days_that_lead_on(ground, possible)]
    days = [(one.day - ground.problem.horizon.first).days for one in plan.meetings]
    for place, meeting in enumerate(ground.problem.meetings):
        y = top + 14 + ROW * place
        yield f'<text x="8" y="{y + 12}">{meeting.code}</text>'
        if meeting.gap is not None:
            yield from _gap(days[place - 1], (meeting.gap.min, meeting.gap.ideal, meeting.gap.max), y - 8)
        reached = {later for later in onward[place] if _reachable(ground, onward, place, later)}
        for day in levels[place][0]:
            name = "alive" if day in reached else "dead" if day in levels[place][-1] else "taken"
            name = "chosen" if day == days[place] else name
            yield f'<rect class="{name}" x="{_x(day)}" y="{y}" width="{DAY_WIDTH - 1}" height="{BAR}"/>'
        label = f"{day_and_month(plan.meetings[place].day)}, {plan.meetings[place].wall[-5:]}"
        yield f'<text class="small" x="{_x(days[place])}" y="{y + BAR + 11}">{label}</text>'


def _reachable(ground: Ground, onward: Sequence[Sequence[int]], place: int, day: int) -> bool:
    """Whether a day that leads on can itself be reached from the first meeting."""
    reached = set(onward[0])
    for number in range(1, place + 1):
        gap = ground.problem.meetings[number].gap
        if gap is not None:
            reached = {one for one in onward[number] if any(gap.min <= one - before <= gap.max for before in reached)}
    return day in reached


def _gap(before: int, gap: tuple[int, int, int], y: int) -> Iterator[str]:
    """A bracket over the days that the gap allows after the chosen day before, with a tick at the ideal one."""
    low, ideal, high = (_x(before + days) + (DAY_WIDTH - 1) / 2 for days in gap)
    yield f'<path class="gap" d="M{low} {y + 6}V{y}H{high}V{y + 6}M{ideal} {y - 4}V{y + 5}"/>'
    # Where it would run out of the picture, the text stands before the bracket.
    where = f'x="{high + 6}"' if high < WIDTH - 180 else f'x="{low - 6}" text-anchor="end"'
    yield f'<text class="small" {where} y="{y + 5}">{gap[0]}–{gap[2]} days after, best {gap[1]}</text>'


def _days(starts: int, ground: Ground) -> list[int]:
    return _marks(days_with_start(starts, ground.days), ground)


def _marks(days: int, ground: Ground) -> list[int]:
    return [day for day, mark in enumerate(days.to_bytes(ground.days, "little")) if mark]


def _x(day: int) -> int:
    return LEFT + DAY_WIDTH * day


if __name__ == "__main__":
    PICTURE.write_text(picture(), encoding="utf-8")
