"""A browser without scripts, as far as the form needs one: it follows redirects, keeps cookies, and sends what a page holds."""

from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import httpx2

from services.intake.form.steps import DRAFTS, ORDER, START, Step, address
from shared.words import Language
from tests.form_samples import Sent, fields_of_step

FORM = "application/x-www-form-urlencoded"


class Page(HTMLParser):
    """One page: what its main form would send, where its links lead, what it says."""

    def __init__(self, answer: httpx2.Response) -> None:
        super().__init__()
        self.status = answer.status_code
        self.path = answer.url.path
        self.query = answer.url.query.decode()
        self.html = answer.text
        self.fields: Sent = []
        self.actions: list[str] = []
        self.links: list[str] = []
        self.ids: list[str] = []
        self.title = self.text = ""
        self._within: list[str] = []
        self._select = self._area = None
        self.feed(self.html)
        self.text = " ".join(self.text.split())

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attributes}
        name = found.get("name", "")
        if "id" in found:
            self.ids.append(found["id"])
        if tag == "a":
            self.links.append(found.get("href", ""))
        if tag == "form":
            self.actions.append(found["action"])
        if tag == "select":
            self._select = name
        if tag == "option" and self._select and "selected" in found:
            self.fields.append((self._select, found["value"]))
        if tag == "textarea":
            self._area = name
            self.fields.append((name, ""))
        if tag == "title":
            self._within.append(tag)
        if tag == "input" and name:
            boxed = found.get("type") in ("radio", "checkbox")
            if not boxed or "checked" in found:
                self.fields.append((name, found.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self._area = None
        if self._within and self._within[-1] == tag:
            self._within.pop()

    def handle_data(self, data: str) -> None:
        if self._within:
            self.title += data
        elif self._area:
            name, value = self.fields[-1]
            # The first line break of a text area is not part of its value (HTML 13.1.2.5).
            self.fields[-1] = (name, value + (data.removeprefix("\n") if not value else data))
        else:
            self.text += data + " "

    def value(self, name: str) -> str:
        return next(value for field, value in self.fields if field == name)

    def values(self, name: str) -> list[str]:
        return [value for field, value in self.fields if field == name]


@dataclass
class Visitor:
    """`draft` is the id in the addresses, once an application was begun."""

    http: httpx2.AsyncClient
    language: Language = "da"
    draft: str = ""
    answers: list[httpx2.Response] = field(default_factory=list)

    async def get(self, path: str) -> Page:
        return await self._followed(await self.http.get(path))

    async def post(self, path: str, fields: Sent, **headers: str) -> Page:
        return await self._followed(await self.sent(path, fields, **headers))

    async def sent(self, path: str, fields: Sent, **headers: str) -> httpx2.Response:
        """The answer itself, redirects not followed."""
        body = "&".join(f"{_quoted(name)}={_quoted(value)}" for name, value in fields)
        return await self.http.post(path, content=body.encode(), headers={"Content-Type": FORM, **headers})

    async def begin(self) -> Page:
        page = await self.post(DRAFTS[self.language], [])
        self.draft = page.path.split("/")[-2]
        return page

    def at(self, step: Step) -> str:
        return address(self.draft, step, self.language)

    async def see(self, step: Step) -> Page:
        return await self.get(self.at(step))

    async def save(self, step: Step, fields: Sent, *, act: str = "next") -> Page:
        return await self.post(self.at(step), [*fields, ("do", act)])

    async def fill_in(self, application: dict[str, Any]) -> Page:
        """All steps up to the review."""
        page = await self.begin()
        for step in ORDER[:-1]:
            page = await self.save(step, fields_of_step(application, step))
        return page

    async def send(self, review: Page, application: dict[str, Any], **changes: str) -> Page:
        return await self.post(self.at(Step.REVIEW), sending(review, application, **changes))

    async def start(self) -> Page:
        return await self.get(START[self.language])

    async def _followed(self, answer: httpx2.Response) -> Page:
        self.answers.append(answer)
        while answer.status_code == 303:
            answer = await self.http.get(answer.headers["location"])
            self.answers.append(answer)
        return Page(answer)


def sending(review: Page, application: dict[str, Any], **changes: str) -> Sent:
    """What the button of the review sends, the three promises ticked as the application says."""
    hidden = [(name, value) for name, value in review.fields if name in ("form_token", "extra")]
    fields = dict([*hidden, ("do", "send"), *fields_of_step(application, Step.REVIEW)]) | changes
    return list(fields.items())


def _quoted(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())
