"""Reading what Mailpit has caught."""

from email.message import EmailMessage

from httpx2 import Client, MockTransport, Request, Response

from deploy.local.demo.mailpit import PAGE, Mailpit


class FakeMailpit:
    """Answers as Mailpit's API does: the newest first, page by page."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, str]] = []
        self.asked: list[str] = []

    def __call__(self, request: Request) -> Response:
        self.asked.append(request.url.path)
        if request.url.path == "/api/v1/messages":
            start, limit = (int(request.url.params[name]) for name in ("start", "limit"))
            newest_first = list(enumerate(self.mails))[::-1][start : start + limit]
            rows = [{"ID": f"id-{number}", "To": [{"Name": "", "Address": to}]} for number, (to, _) in newest_first]
            return Response(200, json={"messages": rows, "total": len(self.mails)})
        to, subject = self.mails[int(request.url.path.split("/")[-2].removeprefix("id-"))]
        mail = EmailMessage()
        mail["To"], mail["Subject"], mail["Message-ID"] = to, subject, f"<{subject}@forloeb.example>"
        mail.set_content("Text")
        return Response(200, content=mail.as_bytes())


def test_mails_are_sorted_into_inboxes_oldest_first() -> None:
    """Addresses are compared in lower case; an address without mail has an empty inbox."""
    fake = FakeMailpit()
    fake.mails = [("Anne@ringsted.example", "one"), ("bo@konsulent.example", "two"), ("anne@ringsted.example", "three")]
    with Client(transport=MockTransport(fake), base_url="http://mailpit") as client:
        inboxes = Mailpit(client, "http://mailpit").read_all(["anne@ringsted.example", "nobody@ringsted.example"])
    assert {address: [letter.subject for letter in letters] for address, letters in inboxes.items()} == {
        "anne@ringsted.example": ["one", "three"],
        "nobody@ringsted.example": [],
    }


def test_more_mails_than_one_page_are_all_read_once() -> None:
    """The second reading fetches only what has come since."""
    fake = FakeMailpit()
    fake.mails = [("anne@ringsted.example", f"s{number}") for number in range(PAGE + 3)]
    with Client(transport=MockTransport(fake), base_url="http://mailpit") as client:
        mailpit = Mailpit(client, "http://mailpit")
        assert len(mailpit.read_all(["anne@ringsted.example"])["anne@ringsted.example"]) == PAGE + 3
        fake.asked.clear()
        fake.mails.append(("anne@ringsted.example", "last"))
        assert mailpit.read_all(["anne@ringsted.example"])["anne@ringsted.example"][-1].subject == "last"
    assert fake.asked == ["/api/v1/messages", f"/api/v1/message/id-{PAGE + 3}/raw"]
