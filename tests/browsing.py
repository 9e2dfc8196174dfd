"""A browser without a screen: keeps cookies, follows redirects, presses buttons, and knows what a page is made of."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import httpx2

from tests.intake_house import House, new_application


@dataclass
class Form:
    """One form of a page, as a browser would send it."""

    action: str
    fields: dict[str, str] = field(default_factory=dict)


class Outline(HTMLParser):
    """What a page is made of, as far as people who do not see it depend on it. `forms` by the last part of their address."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.language = ""
        self.inline: list[str] = []
        self.forms: dict[str, Form] = {}
        self._form: Form | None = None
        self.feed(html)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        found = {name: value or "" for name, value in attributes}
        if tag == "html":
            self.language = found["lang"]
        if tag == "form":
            assert found["method"] == "post"
            self._form = self.forms[found["action"].rpartition("/")[2]] = Form(found["action"])
        if self._form and tag in ("input", "button") and "name" in found:
            self._form.fields[found["name"]] = found.get("value", "")
        self.inline += [name for name in found if name == "style" or name.startswith("on")]

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None


class Browser:
    """One browser at an intake in the same process."""

    def __init__(self, intake: House) -> None:
        transport = intake.http._transport
        self.http = httpx2.AsyncClient(transport=transport, base_url="http://intake.example", follow_redirects=True)
        self.page: httpx2.Response

    async def open(self, path: str) -> str:
        self.page = await self.http.get(path)
        return self.page.text

    async def press(self, act: str, **changes: str) -> str:
        """Send the form of the current page whose address ends with `act`."""
        form = Outline(self.page.text).forms[act]
        self.page = await self.http.post(form.action, data=form.fields | changes)
        return self.page.text


@dataclass
class Applied:
    """An application, and the token in the link of one of its contacts."""

    id: str
    reference: str
    token: str

    @property
    def page(self) -> str:
        return f"/status/{self.reference}"


async def applied(intake: House, function: str = "leader", **changes: Any) -> Applied:
    """A new application."""
    answer = await intake.accepted(new_application(dict(changes)))
    token = await intake.contact_token(answer["application_id"], function)
    return Applied(answer["application_id"], answer["reference"], token)
