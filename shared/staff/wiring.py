"""Puts the log-in of staff together, once in each service that has pages for them."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from shared import mongo
from shared.client_address import networks
from shared.settings import CommonSettings, SettingsError
from shared.signing import purpose_key
from shared.staff.access import StaffAccess
from shared.staff.account import AccountsError
from shared.staff.accounts_file import AccountsFile
from shared.staff.pages import Entrance
from shared.staff.password_check import PasswordCheck
from shared.staff.places import places_of
from shared.staff.sessions import Sessions
from shared.staff.store import AttemptStore, SessionStore
from shared.staff.throttle import Throttle


@dataclass(frozen=True, kw_only=True)
class StaffSide:
    """`access` stands before staff's addresses; `entrance` is the log-in (`shared.staff.pages.staff_pages`)."""

    access: StaffAccess
    entrance: Entrance


def build_staff(
    settings: CommonSettings, *, client: mongo.Client, public_url: str, clock: Callable[[], datetime]
) -> StaffSide:
    """Opens nothing but the file of accounts.

    Raises:
        SettingsError: the file cannot be used.

    """
    accounts = AccountsFile(settings.staff_file, demo=settings.demo)
    try:
        accounts.check()
    except AccountsError as error:
        raise SettingsError(f"FORLOEB_STAFF_FILE: {error}") from None
    sessions = Sessions(store=SessionStore(client), accounts=accounts.accounts, clock=clock)
    key = purpose_key(settings.link_secret, "staff-login")
    return StaffSide(
        access=StaffAccess(staff_token=settings.staff_token, public_url=public_url, find_session=sessions.find),
        entrance=Entrance(
            accounts=accounts,
            throttle=Throttle(store=AttemptStore(client), key=key, clock=clock),
            check=PasswordCheck(),
            sessions=sessions,
            proxies=networks(settings.trusted_proxies),
            public_url=public_url,
            elsewhere=places_of(settings.staff_elsewhere),
        ),
    )
