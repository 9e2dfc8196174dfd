"""What people do with the system, over HTTP: applicants with their forms and links, staff with the roster and the courses."""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from httpx2 import Client, HTTPStatusError, Response

TIMEOUT_SECONDS = 30
JSON = dict[str, Any]


class RefusedError(Exception):
    """The system did not take what it should have taken. The message holds its answer."""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """An application that was taken in."""

    application: JSON
    application_id: str
    reference: str
    status_url: str

    @property
    def contacts(self) -> list[str]:
        """Mail addresses, the leader's first."""
        contacts = self.application["contacts"]
        people = [contacts["leader"], contacts["employee_representative"], *contacts.get("others", ())]
        return [person["email"].lower() for person in people]


class Applicants:
    """Whoever applies, and whoever follows a link in a mail."""

    def __init__(self, client: Client, intake: str) -> None:
        self._client = client
        self._intake = intake

    def apply(self, application: JSON, *, token: str | None = None, key: str | None = None) -> Sent:
        """Send an application; `token` is that of a trusted caller, whose application needs no confirmation."""
        headers = {"Idempotency-Key": key or uuid4().hex} | ({"Authorization": f"Bearer {token}"} if token else {})
        url = f"{self._intake}/api/v1/applications"
        answer = taken(self._client.post(url, json=application, headers=headers)).json()
        return Sent(
            application=application,
            application_id=answer["application_id"],
            reference=answer["reference"],
            status_url=answer["status_url"],
        )

    def status(self, status_url: str) -> JSON:
        """Where the application stands, by the link that the sender got."""
        found: JSON = taken(self._client.get(status_url)).json()
        return found

    def confirm(self, link: str) -> None:
        """Open the page that a mail links to and press its button."""
        self._press(link, "confirm")

    def withdraw(self, link: str) -> None:
        self._press(link, "withdraw")

    def confirm_answer(self, link: str) -> None:
        """Say on the page of an answer that waits that it was hers."""
        self._press(link, "ja")

    def give_address(self, link: str, mail: str) -> bool:
        """Put another contact's new address into the page that a mail links to; False: the page does not ask for one yet."""
        page = taken(self._client.get(link, follow_redirects=True))
        form = re.search(
            r'action="([^"]+/address/[^"]+)"[^>]*>\s*<input type="hidden" name="form_token" value="([^"]+)"', page.text
        )
        if form is None:
            return False
        address, token = form.groups()
        taken(
            self._client.post(page.url.join(address), data={"form_token": token, "mail": mail}, follow_redirects=True)
        )
        return True

    def feed_address(self, link: str) -> str | None:
        """The address of her calendar that a consultant's page of a course shows."""
        page = taken(self._client.get(link, follow_redirects=True)).text
        found = re.search(r'https?://[^\s"<>]+/kalender/[^\s"<>]+\.ics', page)
        return None if found is None else found[0]

    def read_feed(self, address: str) -> bytes:
        """As a calendar program does."""
        return taken(self._client.get(address)).content

    def _press(self, link: str, button: str) -> None:
        """Open the link, go to the page of the button where it has one of its own, and send its form."""
        page = taken(self._client.get(link, follow_redirects=True))
        if f'href="{page.url.path}/{button}"' in page.text:
            page = taken(self._client.get(f"{page.url}/{button}"))
        form = re.search(
            rf'action="([^"]+/{button})">\s*<input type="hidden" name="form_token" value="([^"]+)"', page.text
        )
        if form is None:
            raise RefusedError(f"the page of the link has no way to {button}")
        address, token = form.groups()
        taken(self._client.post(page.url.join(address), data={"form_token": token}, follow_redirects=True))


class Staff:
    """Whoever holds the staff token."""

    def __init__(self, client: Client, scheduler: str, token: str) -> None:
        self._client = client
        self._api = f"{scheduler}/api/v1"
        self._headers = {"Authorization": f"Bearer {token}"}

    def import_roster(self, file: Path) -> JSON:
        """Import consultants from a CSV file.

        Raises:
            RefusedError: a line of it has a fault.

        """
        headers = self._headers | {"Content-Type": "text/csv"}
        url = f"{self._api}/consultants/import"
        report: JSON = taken(self._client.post(url, content=file.read_bytes(), headers=headers)).json()
        if report["faulty"]:
            raise RefusedError(f"{file.name}: {report['lines']}")
        return report

    def consultants(self) -> dict[str, JSON]:
        return {row["id"]: row for row in self._get("consultants")["consultants"]}

    def courses(self) -> dict[str, JSON]:
        """Courses by the id of their application."""
        return {row["application_id"]: row for row in self._get("courses")["courses"]}

    def why_not(self, course_id: str, consultant_id: str) -> JSON | None:
        """Why the course would not go to this consultant today, and what alone would change that; None: it would."""
        found: JSON | None = self._get(f"courses/{course_id}/why-not/{consultant_id}")["why_not"]
        return found

    def places(self, course_id: str, meeting_id: str) -> list[JSON]:
        """Every start that a meeting could have with all else kept, in order of time."""
        found: list[JSON] = self._get(f"courses/{course_id}/meetings/{meeting_id}/places")["places"]
        return found

    def overlaps(self) -> JSON:
        """The scheduler's own count of half hours that are held twice, or not held at all."""
        return self._get("overlaps")

    def _get(self, what: str) -> JSON:
        found: JSON = taken(self._client.get(f"{self._api}/{what}", headers=self._headers)).json()
        return found


def browser() -> Client:
    """An HTTP client for addresses on this machine: no proxy has to do with them."""
    return Client(timeout=TIMEOUT_SECONDS, trust_env=False)


def taken(answer: Response) -> Response:
    """The answer, where it is a good one. RefusedError: it is not."""
    try:
        return answer.raise_for_status()
    except HTTPStatusError as error:
        raise RefusedError(f"{answer.request.method} {answer.url.path}: {answer.status_code} {answer.text}") from error
