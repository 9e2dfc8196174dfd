"""Checks the file of staff's accounts: that it can be used, and tells the roles in which nobody can log in."""

from collections import Counter

from services.doctor.finding import Finding, ok, skipped, wrong
from shared.settings import CommonSettings
from shared.staff.account import AccountsError
from shared.staff.accounts_file import AccountsFile
from shared.staff.staff import ROLES

WHAT = "staff"


def check_staff(settings: CommonSettings) -> Finding:
    """Nobody in a role is no fault: a new installation begins so, and programs have the staff token."""
    if settings.staff_file is None:
        return skipped(WHAT, "FORLOEB_STAFF_FILE is empty: nobody can log in, programs have the staff token")
    file = AccountsFile(settings.staff_file, demo=settings.demo)
    try:
        file.check()
    except AccountsError as error:
        return wrong(WHAT, f"FORLOEB_STAFF_FILE {error}", "docs/staff.md tells how accounts are kept.")
    counts = Counter(role for account in file.accounts().values() for role in account.roles)
    missing = [role for role in ROLES if not counts[role]]
    if missing:
        return skipped(WHAT, f"nobody can log in as {' or '.join(missing)} yet: forloeb staff add NAME --role ROLE")
    return ok(WHAT, "accounts: " + ", ".join(f"{counts[role]} {role}" for role in ROLES))
