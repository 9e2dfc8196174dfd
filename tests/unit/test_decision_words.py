"""A decision in words, Danish and English; what is stored of it stays small."""

import json
from datetime import date
from typing import get_args

import pytest

from services.scheduler.decision import Changes, Chosen, Decision, Freed, MovedDate, Term, Terms, Verdict
from services.scheduler.decision_words import RULES, TERMS, Names, change_texts, put_in_words, waiting_words, why_text
from services.scheduler.explain import CHANGES_MAX, NUMBERS_MAX
from services.scheduler.near_facts import Full
from services.scheduler.rules import Rule
from shared.words import Words

DANISH = Names("da", {"c1": "Anna", "c2": "Bo"}, {"opening": Words(da="Indledende møde", en="First meeting")})
ENGLISH = Names("en", DANISH.consultants, DANISH.meetings)
STORED_BYTES_MAX = 200_000


def terms(**values: int) -> Terms:
    names: tuple[Term, ...] = get_args(Term)
    return {term: values.get(term, 0) for term in names}


def test_every_rule_and_every_term_has_words() -> None:
    """A rule or a term that comes new must not leave a page without words."""
    assert RULES.keys() == set(get_args(Rule))
    assert TERMS.keys() == set(get_args(Term))


def test_the_winner_is_told_with_her_cost_by_term() -> None:
    """Terms of 0 are left out; the name stands where the page gives it."""
    chosen = Chosen(consultant="c1", cost=12, terms=terms(wait=3, travel=9))
    words = put_in_words(Decision(winner=chosen), DANISH)
    assert words.winner == "Anna: 12 point (ventetid 3, rejse 9)"
    assert put_in_words(Decision(winner=chosen), Names("en")).winner == "The consultant: cost 12 (waiting 3, travel 9)"
    assert put_in_words(Decision(), DANISH).winner is None


@pytest.mark.parametrize(
    ("verdict", "danish", "english"),
    [
        (
            Verdict(id="c2", cost=20, difference={"travel": 9, "load": -1}),
            "kunne tage forløbet, men koster 8 mere (rejse +9, belastning −1)",
            "could have held the course, but costs 8 more (travel +9, load −1)",
        ),
        (
            Verdict(id="c2", cost=12, difference={}),
            "kunne tage forløbet til samme pris",
            "could have held the course at the same cost",
        ),
        (
            Verdict(id="c2", cost=12, difference={"wait": 2, "gap": -2}),
            "kunne tage forløbet til samme pris (ventetid +2, afstand mellem møderne −2)",
            "could have held the course at the same cost (waiting +2, days between meetings −2)",
        ),
        (Verdict(id="c2", cost=20), "kunne tage forløbet", "could have held the course"),
        (
            Verdict(id="c2", rule="themes", missing_themes=2),
            "dækker ikke 2 af temaerne",
            "does not master 2 of the themes",
        ),
        (
            Verdict(id="c2", rule="busy", meeting="opening"),
            "Indledende møde: er optaget, eller kan ikke nå at rejse",
            "First meeting: is busy, or has no time to travel",
        ),
        (Verdict(id="c2", rule="blocked"), "må ikke tage dette forløb", "may not take this course"),
    ],
)
def test_why_somebody_was_not_chosen(verdict: Verdict, danish: str, english: str) -> None:
    """What she would have cost more, by term; or the rule, with the meeting and numbers where there are some."""
    assert why_text(verdict, DANISH) == danish
    assert why_text(verdict, ENGLISH) == english


ALL_CHANGES = Changes(
    freed=Freed(start="2027-02-03T10:00", end="2027-02-03T12:30", minutes=150),
    date=MovedDate(bound="latest", days=1, becomes=date(2027, 7, 3)),
    travel_minutes=95,
    max_courses=9,
)


def test_changes_are_told_in_their_order() -> None:
    """A stretch freed, a date moved, less travel, one more course."""
    assert change_texts(Verdict(id="c2", changes=ALL_CHANGES), DANISH, found=True) == (
        "Hvis Bo var fri 3. februar kl. 10.00–12.30, var valget faldet på Bo",
        "Hvis seneste dato var 1 dag senere (3. juli), var valget faldet på Bo",
        "Hvis rejsen højst var 1 t 35 min hver vej, var valget faldet på Bo",
        "Hvis Bo kunne have 9 forløb ad gangen, var valget faldet på Bo",
    )
    assert change_texts(Verdict(id="c2", changes=ALL_CHANGES), ENGLISH, found=True) == (
        "If Bo were free on 3 February, 10:00–12:30, Bo would have been chosen",
        "If the latest date were 1 day later (3 July), Bo would have been chosen",
        "If the way there were at most 1 h 35 min long, Bo would have been chosen",
        "If Bo took 9 courses, Bo would have been chosen",
    )


def test_without_a_winner_a_change_lets_the_course_be_booked() -> None:
    """On a waiting application nobody was preferred; a stretch to midnight ends at 24."""
    until_midnight = Freed(start="2027-02-03T20:00", end="2027-02-04T00:00", minutes=240)
    earlier = MovedDate(bound="earliest", days=-3, becomes=date(2027, 1, 15))
    verdict = Verdict(id="c9", changes=Changes(freed=until_midnight, date=earlier))
    assert change_texts(verdict, DANISH, found=False) == (
        "Hvis konsulenten var fri 3. februar kl. 20.00–24.00, kunne forløbet være booket",
        "Hvis tidligste dato var 3 dage tidligere (15. januar), kunne forløbet være booket",
    )


def test_waiting_reasons_count_consultants_by_rule() -> None:
    """The rule that stops most comes first; the nearest of them speaks with numbers."""
    full = Full(active_courses=8, max_courses=8)
    decision = Decision(
        others=(
            Verdict(id="c1", rule="capacity", near=full),
            Verdict(id="c2", rule="themes", missing_themes=1),
            Verdict(id="c3", rule="themes", missing_themes=2),
        )
    )
    assert [(one.rule, one.count, one.text, one.nearest) for one in waiting_words(decision, DANISH)] == [
        ("themes", 2, "2 konsulenter: dækker ikke alle temaer", "dækker ikke 1 af temaerne"),
        ("capacity", 1, "1 konsulent: har ikke plads til flere forløb", "har 8 af højst 8 forløb"),
    ]


def test_a_decision_over_a_thousand_consultants_stays_small() -> None:
    """The document of a course must not grow with the roster out of bounds, whatever the verdicts say."""
    worst = Verdict(
        id="c" * 40,
        cost=9999,
        difference=terms(wait=-100, gap=100, travel=100, outside_preferred=9, avoided_weekday=9, load=9, no_sector=9),
    )
    detailed = [worst.model_copy(update={"changes": ALL_CHANGES})] * CHANGES_MAX + [worst] * (NUMBERS_MAX - CHANGES_MAX)
    plain = [Verdict(id="c" * 40, rule="busy", meeting="m" * 30)] * (1000 - NUMBERS_MAX)
    chosen = Chosen(consultant="c" * 40, cost=9999, terms=terms())
    stored = Decision(winner=chosen, others=(*detailed, *plain)).stored()
    assert len(json.dumps(stored)) < STORED_BYTES_MAX
    assert Decision.model_validate(stored).others[0].changes == ALL_CHANGES
