"""What became of mails, and what goes out at its time: the notifier's API, for whoever holds the staff token."""

from httpx2 import Client

from deploy.local.demo.people import JSON, taken

MESSAGES_MAX = 500
"""In one answer of the API."""


class Mails:
    """Mails by ids and codes, as staff see them."""

    def __init__(self, client: Client, notifier: str, token: str) -> None:
        self._client = client
        self._api = f"{notifier}/api/v1/messages"
        self._headers = {"Authorization": f"Bearer {token}"}

    def of(self, application_id: str) -> list[JSON]:
        """All mails about an application, the newest first."""
        found: list[JSON] = self._get(f"/applications/{application_id}")["messages"]
        return found

    def planned(self, application_id: str) -> list[JSON]:
        """What goes out at its time, the next first."""
        found: list[JSON] = self._get(f"/applications/{application_id}")["planned"]
        return found

    def bounced(self) -> list[JSON]:
        """All mails that came back."""
        found: list[JSON] = self._get(f"?show=bounced&limit={MESSAGES_MAX}")["messages"]
        return found

    def _get(self, what: str) -> JSON:
        found: JSON = taken(self._client.get(f"{self._api}{what}", headers=self._headers)).json()
        return found
