"""docs/messages.md shows every kind of mail as it is now; `make screenshots` draws the pictures."""

import zlib

from services.notifier.planned import MessageKind
from tests.mail_pictures import FOLDER, pictures, source
from tests.mail_samples import KIND_NAMES, LANGUAGES
from tests.small_png import SIGNATURE, chunks, png, source_of

PICTURE_BYTES_MAX = 60_000


def test_each_kind_has_a_picture_of_the_mail_as_it_is_now() -> None:
    """In both languages; none is left of a kind that is gone."""
    wanted = pictures()
    assert sorted(file.name for file in FOLDER.glob("*.png")) == sorted(wanted)
    drawn = {name: source_of((FOLDER / name).read_bytes()) for name in wanted}
    assert [name for name, html in wanted.items() if drawn[name] != source(html)] == [], "make screenshots"


def test_the_pictures_are_small() -> None:
    """They lie in the repository."""
    assert [file.name for file in FOLDER.glob("*.png") if file.stat().st_size > PICTURE_BYTES_MAX] == []


def test_each_kind_has_an_entry_with_its_pictures() -> None:
    """And says in one line to whom and when it is sent."""
    index = (FOLDER.parent / "messages.md").read_text(encoding="utf-8")
    for kind in KIND_NAMES:
        _, found, entry = index.partition(f"\n## `{kind}`\n")
        assert found, kind
        entry = entry.partition("\n## ")[0]
        assert len([line for line in entry.split("\n") if line and not line.startswith(("!", "|"))]) >= 1, kind
        for language in LANGUAGES:
            assert f"](messages/{kind}.{language}.png)" in entry, kind
    assert set(KIND_NAMES) == set(MessageKind.__args__)


def test_a_picture_keeps_its_pixels_and_says_what_it_was_drawn_from() -> None:
    """Each pixel is the number of its colour; rows stand one after the other, unfiltered."""
    made = png(3, [0x1D5C3F, 0xFFFFFF], bytes([0, 1, 0, 1, 0, 1]), source="test")
    parts = dict(chunks(made))
    assert made.startswith(SIGNATURE)
    assert source_of(made) == "test"
    assert parts[b"PLTE"] == bytes([0x1D, 0x5C, 0x3F, 255, 255, 255])
    assert zlib.decompress(parts[b"IDAT"]) == bytes([0, 0, 1, 0, 0, 1, 0, 1])
