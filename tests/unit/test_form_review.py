"""What the review says of the entries, and what the choices offer."""

from datetime import date

import pytest

from services.intake.form.choices import Choices
from services.intake.form.entries import Entries, first
from services.intake.form.field_table import field_of
from services.intake.form.review import Review
from services.intake.main import HOME
from shared.reference.municipalities import load_municipalities
from shared.web.texts import load_texts
from shared.words import Language
from tests.factories import joint_application, spark
from tests.form_samples import entries_of

TEXTS = load_texts(HOME)


def choices(language: Language = "da", kind: str = "") -> Choices:
    return Choices(
        kind=kind,
        programme=spark(),
        municipalities=load_municipalities(),
        language=language,
        today=date(2026, 11, 20),
        gettext=TEXTS.translations[language].gettext,
        say=TEXTS.say,
    )


def rows_of(entries: Entries, language: Language = "da") -> dict[str, list[str]]:
    """The lines of each row by the id of the field that its link leads to."""
    review = Review(
        draft_id="x",
        entries=entries,
        choices=choices(language, first(entries, "kind")),
        language=language,
        gettext=TEXTS.translations[language].gettext,
    )
    return {row.change.partition("#")[2]: list(row.lines) for section in review.sections() for row in section.rows}


def test_everything_that_was_entered_is_shown_in_words() -> None:
    """Choices as the reader knows them, people and places in one row each."""
    rows = rows_of(entries_of(joint_application()))
    assert rows["kind"] == ["Fællesforløb"]
    assert rows["committee-kind"] == ["HovedMED", "HovedMED Aabenraa"]
    assert rows["workplaces-1-name"] == ["Hjemmeplejen Nord", "Bygaden 2", "6230 Rødekro", "Aabenraa Kommune"]
    assert rows["contacts-others-0-name"][:3] == ["Else Friis", "Tovholder", "Konsulent"]
    assert rows["committees_expected"] == ["8"]
    assert rows["themes"] == ["Risiko for vold og trusler"]


def test_weeks_are_shown_with_their_dates() -> None:
    """So one sees which year was meant; what cannot be read is shown as typed."""
    rows = rows_of({"wishes.weeks_out": ("53 og 7",), "earliest_start": ("2027-01-18",)})
    assert rows["wishes-weeks_out"] == [
        "uge 53: 28. december 2026 – 1. januar 2027",
        "uge 7: 15. februar 2027 – 19. februar 2027",
    ]
    assert rows["earliest_start"] == ["uge 3: 18. januar 2027 – 22. januar 2027"]
    assert rows_of({"wishes.weeks_out": ("vinterferien",)})["wishes-weeks_out"] == ["vinterferien"]


@pytest.mark.parametrize(
    ("entered", "shown"),
    [
        ("2026-11-16", "uge 47: 16. november 2026 – 20. november 2026"),
        ("9999-12-31", "9999-12-31"),
        ("<b>", "<b>"),
    ],
)
def test_a_week_that_is_no_longer_offered_is_still_shown_in_words(entered: str, shown: str) -> None:
    """It was chosen before the weekend; what was never offered is shown as it came."""
    assert rows_of({"earliest_start": (entered,)})["earliest_start"] == [shown]


@pytest.mark.parametrize(("language", "soon"), [("da", "Så snart som muligt"), ("en", "As soon as possible")])
def test_an_empty_draft_is_shown_without_a_fault(language: Language, soon: str) -> None:
    """Nobody knows in which order people look."""
    rows = rows_of({}, language)
    assert rows.pop("earliest_start") == [soon]
    assert not any(lines for lines in rows.values())


def test_a_course_begins_within_the_programmes_half_year() -> None:
    """The weeks from the notice to the last day for a start, each from its Monday."""
    field = field_of("earliest_start")
    assert field
    weeks = [value for value, _, _ in choices().of(field)]
    assert (weeks[0], weeks[1], weeks[-1]) == ("", "2026-12-14", "2027-05-17")


def test_a_week_that_is_no_longer_offered_stays_to_be_seen() -> None:
    """It was chosen some days ago; the fault about it needs something to stand at."""
    field = field_of("earliest_start")
    assert field
    assert ("2026-11-30", "uge 49: 30. november 2026 – 4. december 2026", "") in choices().of(field, "2026-11-30")


@pytest.mark.parametrize(
    ("entered", "shown"), [((), "To møder på hver tre timer"), (("one_day",), "Én hel dag"), (("gone",), None)]
)
def test_the_way_to_meet_is_shown_where_there_is_a_choice(entered: tuple[str, ...], shown: str | None) -> None:
    """The first way until another one is chosen; nothing for a joint course, whatever was chosen before."""
    entries = {"format": entered} if entered else {}
    assert rows_of({"kind": ("single",), **entries})["format"] == [shown or "To møder på hver tre timer"]
    assert "format" not in rows_of({"kind": ("joint",), **entries})


def test_committees_say_what_they_may_apply_for() -> None:
    """So nobody chooses the wrong one without being told."""
    field = field_of("committee.kind")
    assert field
    assert ("hovedmed", "HovedMED", "Fællesforløb") in choices().of(field)


def test_a_value_that_nobody_offers_has_no_words() -> None:
    """What was sent by hand is not repeated as if it were a choice."""
    field = field_of("sector")
    assert field
    assert choices().label(field, "rumfart") == ""
