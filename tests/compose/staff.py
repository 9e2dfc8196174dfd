"""Whether accounts made as docs/installing.md says open the pages of staff on the published ports, and nothing else."""

from secrets import token_urlsafe

from httpx2 import Client

from deploy.local.demo.people import browser
from tests.compose.system import ComposeSystem

COMMAND_SECONDS = 60
COORDINATOR, OPERATOR = "anne.j", "ole.d"
PAGES = {
    "courses": ("scheduler", "/coordinator"),
    "applications": ("intake", "/review"),
    "mails": ("notifier", "/messages"),
    "live page": ("monitor", "/"),
}
OPENED = {COORDINATOR: {"courses", "applications", "mails"}, OPERATOR: {"live page"}}
# What a browser sends with a page that a person opens, and with a form of that page.
A_PAGE = {"Accept": "text/html", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Site": "same-origin"}
OK, SEE_OTHER, FORBIDDEN, WRONG = 200, 303, 403, 422


def staff_faults(system: ComposeSystem) -> list[str]:
    """What goes otherwise than it must with a coordinator and an operator, from their first log-in until they are removed."""
    passwords = {COORDINATOR: token_urlsafe(), OPERATOR: token_urlsafe()}
    for account, role in ((COORDINATOR, "coordinator"), (OPERATOR, "operator")):
        _command(system, "add", account, "--role", role, "--password-stdin", given=f"{passwords[account]}\n")
    faults = [f"'staff list' does not name {name}" for name in OPENED if name not in _command(system, "list")]
    for account, opened in OPENED.items():
        with browser() as client:
            faults += _before(system, client, account)
            answer = _log_in(system, client, account, passwords[account])
            if answer != SEE_OTHER:
                faults.append(f"{account} cannot log in: {answer}")
            expected = {page: OK if page in opened else FORBIDDEN for page in PAGES}
            faults += _differences(system, client, account, expected)
            _command(system, "remove", account)
            faults += _differences(system, client, f"{account}, who was removed,", dict.fromkeys(PAGES, SEE_OTHER))
    return faults


def _before(system: ComposeSystem, client: Client, account: str) -> list[str]:
    """Without a log-in, and with a password that somebody only guesses."""
    faults = _differences(system, client, "nobody", dict.fromkeys(PAGES, SEE_OTHER))
    answer = _log_in(system, client, account, token_urlsafe())
    return faults if answer == WRONG else [*faults, f"a wrong password of {account} is answered with {answer}"]


def _differences(system: ComposeSystem, client: Client, who: str, expected: dict[str, int]) -> list[str]:
    """By page, where the status is another than expected. The cookie of one service's log-in counts for the others."""
    faults = []
    for page, (service, path) in PAGES.items():
        status = client.get(system.address(service) + path, headers=A_PAGE).status_code
        if status != expected[page]:
            faults.append(f"{who} gets {status} for the {page}, not {expected[page]}")
    return faults


def _log_in(system: ComposeSystem, client: Client, account: str, password: str) -> int:
    """The status of the answer to the form; each account uses that of a service whose pages it may open."""
    service = next(PAGES[page][0] for page in PAGES if page in OPENED[account])
    typed = {"account": account, "password": password}
    return client.post(f"{system.address(service)}/staff/login", data=typed, headers=A_PAGE).status_code


def _command(system: ComposeSystem, *words: str, given: str = "") -> str:
    return system.compose("run", "--rm", "-T", "staff", *words, seconds=COMMAND_SECONDS, given=given)
