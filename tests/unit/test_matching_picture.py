"""The picture of one search in docs/matching.md is the one that the matcher would give today."""

from deploy.matching_picture import PICTURE, picture


def test_the_picture_is_the_present_answer() -> None:
    """Who changes the sample or the rules draws it anew: `.venv/bin/python -m deploy.matching_picture`."""
    assert PICTURE.read_text(encoding="utf-8") == picture()
