"""Accounts of staff for tests: a file of them, and ways through the log-in with and without a browser."""

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import httpx2
from playwright.async_api import Page

from shared.staff.account import Account, write_accounts
from shared.staff.passwords import hash_password
from shared.staff.staff import Role

PASSWORD = "fire ord om blomster"
COORDINATOR, OPERATOR, BOTH = "karen", "ole", "vibeke"
ROLES: dict[str, tuple[Role, ...]] = {
    COORDINATOR: ("coordinator",),
    OPERATOR: ("operator",),
    BOTH: ("coordinator", "operator"),
}
FROM_OUR_PAGE = {"Sec-Fetch-Site": "same-origin"}
"""What a browser says with a form of our own page."""
A_PAGE = {"Accept": "text/html"}


@cache
def password_hash(password: str = PASSWORD) -> str:
    return hash_password(password, salt=b"sixteen bytes !!")


def account(name: str, *roles: Role, password: str = PASSWORD, demo: bool = False) -> Account:
    return Account(
        account=name,
        roles=roles or ROLES[name],
        password_hash=password_hash(password),
        created_at=datetime(2026, 11, 1, tzinfo=UTC),
        demo=demo,
    )


def write_staff_file(path: Path) -> Path:
    """The three accounts above, each with the same password."""
    path.write_text(write_accounts(account(name) for name in ROLES), encoding="utf-8")
    return path


async def log_in(http: httpx2.AsyncClient, name: str, *, password: str = PASSWORD, **more: str) -> httpx2.Response:
    """Send the form of the log-in; the client keeps the cookie."""
    typed = {"account": name, "password": password, **more}
    return await http.post("/staff/login", data=typed, headers=FROM_OUR_PAGE)


async def log_in_on_page(page: Page, name: str, *, password: str = PASSWORD) -> None:
    """Fill in the form on the page of the log-in that is open."""
    await page.get_by_role("textbox", name="Konto").fill(name)
    await page.get_by_label("Adgangskode", exact=True).fill(password)
    await page.get_by_role("button", name="Log ind").click()
