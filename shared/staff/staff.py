"""Who works here: the roles of staff, and the one who sends a request. Pure."""

import re
from dataclasses import dataclass
from typing import Annotated, Final, Literal, get_args

from pydantic import AfterValidator

Role = Literal["coordinator", "operator"]
"""Coordinators see applications, courses and people, and decide. Operators see how the machine runs, without people."""
ROLES: Final[tuple[Role, ...]] = get_args(Role)

ACCOUNT_PATTERN: Final = r"[a-z0-9][a-z0-9._-]{1,38}[a-z0-9]"
"""No @: an account stands in logs and in events, and must not be a mail address."""


@dataclass(frozen=True, kw_only=True)
class Staff:
    """Who sends a request: a person by her account, in the role that the address asks for, or a program with the staff token.

    A consultant has no account: she stands here by her id, for what she changes through the link to her course.
    """

    account: str
    role: Literal["coordinator", "operator", "program", "consultant"]


PROGRAM: Final = Staff(account="program", role="program")


def account_name(typed: str) -> str:
    """The name as it is kept.

    Raises:
        ValueError: it is none; the text says what one looks like.

    """
    name = typed.strip().lower()
    if not re.fullmatch(ACCOUNT_PATTERN, name) or name == PROGRAM.account:
        raise ValueError(
            "an account has 3-40 characters a-z, 0-9, dot, hyphen or underscore, and letters or digits at its ends"
        )
    return name


AccountName = Annotated[str, AfterValidator(account_name)]
