"""Makes people's names and texts safe to stand in a calendar object; escaping and folding come later, at the writer.

What is removed here is what parsers split lines at although the standard does not (U+0085, U+2028, form feed ...), what
RFC 5545 3.2 forbids in a quoted parameter, and what reorders text on a screen.
"""

import unicodedata

NAME_CHARS_MAX = 80
LINE_CHARS_MAX = 200
TEXT_CHARS_MAX = 4_000

# Control, format (bidirectional overrides, zero-width), surrogate, line and paragraph separators. Private use and
# unassigned characters stay: they are somebody's name in a newer Unicode.
_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# A double quote cannot be written in a parameter; a caret begins an RFC 6868 escape that older programs show raw;
# a backslash is an escape to some of them.
_UNSAFE_IN_NAME = str.maketrans(dict.fromkeys('"^\\'))


def clean_name(name: str) -> str:
    """A person's name for a CN parameter: one line, no quotes, carets, backslashes or control characters."""
    return clean_line(name.translate(_UNSAFE_IN_NAME), chars_max=NAME_CHARS_MAX)


def clean_line(text: str, *, chars_max: int = LINE_CHARS_MAX) -> str:
    """One line of text: each run of white space or control characters becomes one space."""
    # Nothing printable is in these categories, so most texts need not be looked at character by character.
    unsafe = not text.isprintable()
    spaced = (
        "".join(" " if unicodedata.category(char) in _UNSAFE_CATEGORIES else char for char in text) if unsafe else text
    )
    return " ".join(spaced.split())[:chars_max].rstrip()


def clean_text(text: str) -> str:
    """Text of several lines, ended by LF only; empty lines are kept, other control characters become spaces."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(clean_line(line, chars_max=TEXT_CHARS_MAX) for line in lines)[:TEXT_CHARS_MAX].strip()
