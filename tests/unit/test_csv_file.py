"""Lists as files for spreadsheet programs: whatever a cell holds, it is text there."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared.web.csv_file import csv_file


def rows_of(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=";"))


@pytest.mark.parametrize("begin", ["=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20"])
def test_a_cell_that_begins_like_a_formula_gets_an_apostrophe(begin: str) -> None:
    """All that OWASP lists, in headings too, at the beginning of the cell alone."""
    cell = f"{begin}HYPERLINK(A1)"
    assert rows_of(csv_file([cell], [[cell, "a=b", 7, None]])) == [[f"'{cell}"], [f"'{cell}", "a=b", "7", ""]]


@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1), min_size=1, max_size=4))
def test_a_cell_stays_one_cell(cells: list[str]) -> None:
    """Separators, quotes and line ends in names make neither cells nor rows."""
    (row,) = rows_of(csv_file(cells, []))
    assert [cell.removeprefix("'") for cell in row] == [cell.removeprefix("'") for cell in cells]
