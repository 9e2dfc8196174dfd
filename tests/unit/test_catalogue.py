"""The catalogues of pages and mails."""

from pathlib import Path

import pytest

from services.intake.main import HOME
from shared.web import catalogue
from shared.web.texts import TextsError, load_texts
from shared.words import Words


@pytest.mark.parametrize("folder", catalogue.folders(), ids=lambda folder: folder.name)
def test_every_text_has_a_danish_one_and_the_file_is_up_to_date(folder: Path) -> None:
    """0 missing; the file is what `python -m shared.web.catalogue` writes."""
    renewed = catalogue.renewed(folder)
    assert catalogue.lacking(renewed) == []
    assert (folder / "locale" / "da.po").read_bytes() == catalogue.written(renewed)


def test_the_same_text_has_the_same_danish_one_everywhere() -> None:
    """A reader meets one word for one thing, but where a context tells two uses apart."""
    seen: dict[tuple[str, str], str] = {}
    for folder in catalogue.folders():
        for message in catalogue.current(folder):
            if message.id:
                said = str(message.string)
                assert seen.setdefault((message.context or "", str(message.id)), said) == said


def test_an_organisations_own_text_stands_in_place_of_ours(tmp_path: Path) -> None:
    """For texts of the catalogue and for texts that stand in the code; the others stay."""
    (tmp_path / "da.po").write_text(
        'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
        'msgid "Skip to the content"\nmsgstr "Videre"\n\nmsgid "There is no such page"\nmsgstr "Ingen side"\n',
        encoding="utf-8",
    )
    texts = load_texts(HOME, tmp_path)
    assert texts.translations["da"].gettext("Skip to the content") == "Videre"
    assert texts.translations["da"].gettext("Language") == "Sprog"
    assert texts.translations["en"].gettext("Language") == "Language"
    assert texts.say(Words(da="Siden findes ikke", en="There is no such page"), "da") == "Ingen side"
    assert texts.say(Words(da="Noget andet", en="Something else"), "da") == "Noget andet"


@pytest.mark.parametrize(
    ("text", "told"),
    [("junk\n", "keyword"), ('msgid "From %(day)s"\nmsgstr "Fra %(dag)s"\n', "placeholder 'dag'")],
    ids=["no gettext file", "unknown gap"],
)
def test_a_broken_catalogue_stops_the_start(tmp_path: Path, text: str, told: str) -> None:
    """Whoever installs it learns which file, and what is wrong with it."""
    (tmp_path / "en.po").write_text(text, encoding="utf-8")
    with pytest.raises(TextsError, match=rf"en\.po.*{told}"):
        load_texts(HOME, tmp_path)
