"""Reads the mails that Mailpit has caught, over its HTTP API: there everything lies in one place, whoever it was sent to."""

from collections.abc import Iterable
from typing import Any

from httpx2 import Client

from deploy.local.demo.mailboxes import Letter, read_letter

PAGE = 200
"""Messages asked for at once."""
READ_MAX = 20_000


class Mailpit:
    """What was read is kept: nobody deletes a mail there while the demo runs."""

    def __init__(self, client: Client, address: str) -> None:
        self._client = client
        self._api = f"{address.rstrip('/')}/api/v1"
        self._known: set[str] = set()
        self._inboxes: dict[str, list[Letter]] = {}

    def read_all(self, addresses: Iterable[str]) -> dict[str, list[Letter]]:
        """The mails to these addresses, each inbox oldest first."""
        for row in reversed(self._unread()):
            letter = read_letter(self._client.get(f"{self._api}/message/{row['ID']}/raw").raise_for_status().content)
            for recipient in row["To"]:
                self._inboxes.setdefault(recipient["Address"].lower(), []).append(letter)
            self._known.add(row["ID"])
        return {address: list(self._inboxes.get(address, [])) for address in set(addresses)}

    def _unread(self) -> list[dict[str, Any]]:
        """The newest first, down to what is known; mails that come meanwhile push others onto the next page, not out."""
        found: dict[str, dict[str, Any]] = {}
        for start in range(0, READ_MAX, PAGE):
            answer = self._client.get(f"{self._api}/messages", params={"start": start, "limit": PAGE})
            rows = answer.raise_for_status().json()["messages"]
            found |= {row["ID"]: row for row in rows if row["ID"] not in self._known}
            if len(rows) < PAGE or any(row["ID"] in self._known for row in rows):
                break
        return list(found.values())
