"""The use cases of the log-in: in with an account and its password, and out again."""

from collections.abc import Callable, Mapping
from typing import Literal

import structlog

from shared.staff.account import Account
from shared.staff.password_check import PasswordCheck
from shared.staff.passwords import PASSWORD_CHARACTERS_MAX
from shared.staff.sessions import Sessions
from shared.staff.throttle import Throttle

Refusal = Literal["wrong", "throttled"]

log = structlog.get_logger(__name__)


async def log_in(
    *,
    account: str,
    password: str,
    network: str,
    token: str,
    before: str | None,
    accounts: Callable[[], Mapping[str, Account]],
    throttle: Throttle,
    check: PasswordCheck,
    sessions: Sessions,
) -> Refusal | None:
    """None if she is in, by the new `token`; the session `before`, which her browser still had, is ended then.

    An unknown account and a wrong password take the same time and the same way.

    Raises:
        BusyError: too many try just now.
        DependencyDownError: the database does not answer; nobody is let in uncounted.

    """
    name = account.strip().lower()
    known = accounts().get(name)
    # What was typed is told of only where it is an account: people type their password there by mistake.
    told = known.account if known else None
    excess = await throttle.admit(account=name, network=network)
    if excess is not None:
        if excess.first:
            log.warning("staff-login-locked", account=told, reason=excess.limit)
        return "throttled"
    fits = len(password) <= PASSWORD_CHARACTERS_MAX
    right = await check.matches(password if fits else "", known.password_hash if known else None)
    if known is None or not right:
        log.warning("staff-login-failed", account=told)
        return "wrong"
    await throttle.forgive(account=name, network=network)
    if before:
        await sessions.end(before)
    await sessions.open(known, token=token)
    log.info("staff-logged-in", account=told)
    return None


async def log_out(*, token: str | None, sessions: Sessions) -> None:
    """End the session on the server, whatever the browser then does with its cookie.

    Raises:
        DependencyDownError: the database does not answer.

    """
    account = await sessions.end(token) if token else None
    if account is not None:
        log.info("staff-logged-out", account=account)
