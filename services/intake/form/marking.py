"""Marks texts in code that are translated where they are shown: the catalogue finds them by this name. Pure."""

from typing import Final

N_: Final = str
