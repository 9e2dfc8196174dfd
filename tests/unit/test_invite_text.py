from services.scheduler.invite_text import OtherPerson, meeting_description, meeting_title

OTHERS = (
    OtherPerson("Åse Holm", "leader", mail="ase@kommune.example", phone="12 34 56 78"),
    OtherPerson("Bo\r\nLind", "employee"),
)


def test_the_title_names_the_meeting_and_nothing_of_its_matter() -> None:
    """Calendars lie open, so a title is the programme and the neutral label of the meeting."""
    danish = meeting_title(programme="SPARK", meeting="Planlægningsmøde", language="da")
    english = meeting_title(programme="SPARK", meeting="Workshop 1", language="en")
    assert (danish, english) == ("SPARK-forløb: planlægningsmøde", "SPARK course: workshop 1")


def test_the_description_lists_the_others_by_name_and_function() -> None:
    """Ways to reach somebody are shown only where the caller gave them: in the consultant's copy."""
    text = meeting_description(reference="SPARK-7K4M-2QX9", others=OTHERS, language="da")
    assert text.split("\n") == [
        "Reference: SPARK-7K4M-2QX9",
        "",
        "Med til mødet:",
        "- Åse Holm, leder (ase@kommune.example, 12 34 56 78)",
        "- Bo Lind, medarbejderrepræsentant",
        "",
        "Svar gerne ja eller nej i kalenderen.",
    ]


def test_the_description_speaks_the_language_of_its_reader() -> None:
    """English is chosen per person; a meeting without others has no empty list."""
    assert "- Bo Lind, employee representative" in meeting_description(reference="R", others=OTHERS, language="en")
    assert "Also" not in meeting_description(reference="R", others=(), language="en")
