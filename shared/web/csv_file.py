"""Lists as CSV files that spreadsheet programs open with a double click, and in which no cell is taken for a formula. Pure."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

BYTE_ORDER_MARK: Final = "\N{ZERO WIDTH NO-BREAK SPACE}"
"""By it Excel knows that the file is UTF-8."""
SEPARATOR: Final = ";"
"""What Excel expects where the comma is the decimal sign, as in Denmark."""
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
"""OWASP, "CSV Injection": how a cell begins that programs calculate with; the last four are full-width forms."""


def csv_file(heading: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """The file: UTF-8 with byte order mark, semicolons, CRLF (RFC 4180). Cells that look like formulas get a `'` in front."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=SEPARATOR, lineterminator="\r\n")
    writer.writerow([_safe(cell) for cell in heading])
    writer.writerows([_safe(cell) for cell in row] for row in rows)
    return (BYTE_ORDER_MARK + text.getvalue()).encode()


def _safe(cell: object) -> str:
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.startswith(_FORMULA) else text
