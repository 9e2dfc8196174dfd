"""Writes the rules of a mail's style sheet into its elements: many mail programs read nothing else.

What stands in an at-rule, such as the colours of dark mode, stays in the head, for the programs that read it there.
"""

from typing import Final

from css_inline import CSSInliner

# It loads nothing: what a mail looks like stands in the mail.
_INLINER: Final = CSSInliner(keep_at_rules=True, load_remote_stylesheets=False)


def inlined(html: str) -> str:
    """The same document with style attributes. About 0.1 ms for a mail."""
    return _INLINER.inline(html)
