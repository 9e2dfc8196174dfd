"""The public form over HTTP, as a browser without scripts meets it."""

import asyncio
import re
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest

from services.intake.application import ApplicationForm
from services.intake.form.control import id_of
from services.intake.form.draft import Browser
from services.intake.form.field_table import field_of
from services.intake.form.keep_draft import DRAFTS_MAX
from services.intake.form.steps import ORDER, Step
from services.intake.form.visits import COOKIE
from shared.errors import DependencyDownError
from tests.embedded import Embedded
from tests.form_samples import fields_of_step
from tests.form_visitor import Visitor, sending
from tests.intake_house import House, house, matter_of, new_application, read_event, settings_for


@pytest.fixture
async def intake(stack: Embedded) -> AsyncIterator[House]:
    async with house(settings_for(mongodb=stack.mongodb)) as found:
        yield found


@pytest.fixture
def visitor(intake: House) -> Visitor:
    return Visitor(intake.http)


def another_browser(intake: House, **options: str) -> Visitor:
    transport = intake.http._transport
    return Visitor(httpx2.AsyncClient(transport=transport, base_url="http://intake.example"), **options)


async def applications_of(intake: House, receipt_text: str) -> int:
    reference = receipt_text.split("SPARK-")[1].split(maxsplit=1)[0]
    found = intake.client["intake"]["applications"]
    return await found.count_documents({"application.reference": f"SPARK-{reference}"})


@pytest.mark.parametrize("joint", [False, True])
async def test_the_steps_lead_to_a_receipt(intake: House, visitor: Visitor, *, joint: bool) -> None:
    """Each button leads to the next step, and the application is the one that the endpoint would have taken."""
    sample = new_application(joint=joint)
    page = await visitor.begin()
    for step in ORDER[:-1]:
        assert page.path == visitor.at(step)
        assert not page.title.startswith("Fejl")
        page = await visitor.save(step, fields_of_step(sample, step))
    assert page.path == visitor.at(Step.REVIEW)
    intake.clock.forward(seconds=60)
    page = await visitor.send(page, sample)
    assert page.path.endswith("/kvittering")
    assert await applications_of(intake, page.text) == 1
    event = read_event(intake.published[0].envelope, intake.published[0].body)
    matter = await matter_of(intake.parts, intake.published[0].envelope, event)
    form = ApplicationForm.model_validate(sample)
    assert matter.themes == form.themes
    assert [one.name for one in matter.workplaces] == [one.name for one in form.workplaces]
    assert (event.application.kind, event.application.needs_confirmation) == (form.kind, True)
    people = await intake.people(intake.published[0])
    assert people["leader"].mail == form.contacts.leader.email


async def test_the_receipt_opens_the_status_page(intake: House, visitor: Visitor) -> None:
    """Without a token in any address; and without a button to confirm, which is for the contacts' own links."""
    sample = new_application()
    review = await visitor.fill_in(sample)
    intake.clock.forward(seconds=60)
    receipt = await visitor.send(review, sample)
    address = next(link for link in receipt.links if link.startswith("/status/"))
    status = await visitor.get(address)
    assert (status.status, status.path) == (200, address)
    assert sample["challenge"] in status.text
    assert not any("confirm" in action for action in status.actions)


async def test_a_receipt_that_is_opened_late_opens_no_status_page(intake: House, visitor: Visitor) -> None:
    """Half an hour later it may be somebody else at the same machine: then the link in the mail is needed."""
    sample = new_application()
    review = await visitor.fill_in(sample)
    intake.clock.forward(seconds=60)
    receipt = await visitor.send(review, sample)
    address = next(link for link in receipt.links if link.startswith("/status/"))
    intake.clock.forward(hours=1)
    again = await visitor.get(receipt.path)
    assert (again.status, again.path) == (200, receipt.path)
    assert (await visitor.get(address)).status == 404


async def test_no_page_is_the_answer_to_a_form(intake: House, visitor: Visitor) -> None:
    """So back and reload never send anything again."""
    sample = new_application()
    review = await visitor.fill_in(sample)
    intake.clock.forward(seconds=60)
    await visitor.send(review, sample)
    posts = [one for one in visitor.answers if one.request.method == "POST"]
    assert [one.status_code for one in posts] == [303] * len(posts)
    assert len(posts) == 7


async def test_what_was_typed_is_kept_wrong_or_not_and_told_at_its_field(visitor: Visitor) -> None:
    """The page stays, names the fault at the top and at the field, and holds what was typed."""
    await visitor.begin()
    assert (await visitor.see(Step.CONTACTS)).title == "Kontaktpersoner · SPARK"
    typed = [("contacts.leader.name", "A <b> & B"), ("contacts.leader.email", "anne@"), ("contacts.leader.phone", "1")]
    page = await visitor.save(Step.CONTACTS, typed)
    assert page.path == visitor.at(Step.CONTACTS)
    assert page.title.startswith("Fejl: Kontaktpersoner")
    assert [page.value(name) for name, _ in typed] == [value for _, value in typed]
    assert "#contacts-leader-email" in page.links
    assert 'aria-describedby="contacts-leader-email-hint contacts-leader-email-error" aria-invalid="true"' in page.html
    assert all(link.removeprefix("#") in page.ids for link in page.links if link.startswith("#"))


async def test_every_fault_of_every_step_leads_to_a_field_on_its_page(visitor: Visitor) -> None:
    """An empty application: each link of each summary has its target, and so have the links of the review."""
    await visitor.begin()
    for step in ORDER[:4]:
        page = await visitor.save(step, [])
        targets = [link.removeprefix("#") for link in page.links if link.startswith("#") and link != "#main-content"]
        assert targets
        assert set(targets) <= set(page.ids)
    review = await visitor.see(Step.REVIEW)
    far = [link for link in review.links if "?then=review#" in link]
    pages = {link.partition("?")[0]: await visitor.get(link.partition("#")[0]) for link in far}
    assert len(far) > 20
    assert all(link.partition("#")[2] in pages[link.partition("?")[0]].ids for link in far)


async def test_entries_are_kept_without_telling_faults_when_one_goes_back_or_leaves(visitor: Visitor) -> None:
    """Who has not asked to go on is told nothing."""
    await visitor.begin()
    page = await visitor.save(Step.WORKPLACES, [("employees", "mange")], act="back")
    assert page.path == visitor.at(Step.COURSE)
    page = await visitor.see(Step.WORKPLACES)
    assert (page.value("employees"), page.title[:4]) == ("mange", "Arbe")
    page = await visitor.save(Step.WORKPLACES, [("employees", "12")], act="later")
    assert page.path == "/"
    assert visitor.at(Step.COURSE) in page.links


async def test_a_change_from_the_review_leads_back_to_it(visitor: Visitor) -> None:
    """Not through all steps once more."""
    sample = new_application()
    review = await visitor.fill_in(sample)
    link = next(link for link in review.links if link.endswith("#challenge"))
    page = await visitor.get(link.partition("#")[0])
    assert page.value("then") == "review"
    fields = [(name, value) for name, value in page.fields if name != "challenge"]
    page = await visitor.save(Step.MATTER, [*fields, ("challenge", "En helt anden tekst.")])
    assert page.path == visitor.at(Step.REVIEW)
    assert "En helt anden tekst." in page.text


async def test_rows_are_added_and_removed_by_buttons(visitor: Visitor) -> None:
    """Without a script; what was typed in the others stays."""
    sample = new_application(joint=True)
    await visitor.begin()
    await visitor.save(Step.COURSE, fields_of_step(sample, Step.COURSE))
    own = fields_of_step(sample, Step.WORKPLACES)
    page = await visitor.save(Step.WORKPLACES, own, act="add-workplaces")
    assert page.values("workplaces.2.name") == [""]
    assert page.value("workplaces.1.name") == sample["workplaces"][1]["name"]
    page = await visitor.save(Step.WORKPLACES, page.fields, act="remove-workplaces-0")
    assert page.value("workplaces.0.name") == sample["workplaces"][1]["name"]


async def test_two_applications_in_two_tabs_never_mix(visitor: Visitor) -> None:
    """Each has its own address, and the start page lists both."""
    await visitor.begin()
    other = Visitor(visitor.http)
    await other.begin()
    await visitor.save(Step.MATTER, [("challenge", "Den ene")], act="back")
    await other.save(Step.MATTER, [("challenge", "Den anden")], act="back")
    assert (await visitor.see(Step.MATTER)).value("challenge") == "Den ene"
    assert (await other.see(Step.MATTER)).value("challenge") == "Den anden"
    start = await visitor.start()
    assert {visitor.at(Step.COURSE), other.at(Step.COURSE)} <= set(start.links)


async def test_the_same_application_in_two_tabs_keeps_what_both_have_saved(visitor: Visitor) -> None:
    """Each step saves its own fields, also at the same moment."""
    await visitor.begin()
    await asyncio.gather(
        visitor.save(Step.MATTER, [("challenge", "Tekst")]),
        visitor.save(Step.TIMES, [("wishes.weeks_out", "7")]),
        visitor.save(Step.CONTACTS, [("contacts.leader.name", "Anne")]),
    )
    assert (await visitor.see(Step.MATTER)).value("challenge") == "Tekst"
    assert (await visitor.see(Step.TIMES)).value("wishes.weeks_out") == "7"
    assert (await visitor.see(Step.CONTACTS)).value("contacts.leader.name") == "Anne"


async def test_sending_twice_makes_one_application_and_one_receipt(intake: House, visitor: Visitor) -> None:
    """A double click, a second tab, and the page that is sent again later all lead to the same receipt."""
    sample = new_application()
    review = await visitor.fill_in(sample)
    intake.clock.forward(seconds=60)
    one, two = await asyncio.gather(visitor.send(review, sample), visitor.send(review, sample))
    late = await visitor.send(review, sample)
    assert one.path == two.path == late.path
    assert one.path.endswith("/kvittering")
    assert len({event.envelope.subject for event in intake.published}) == 1
    back = await visitor.see(Step.REVIEW)
    assert back.path == one.path


async def test_after_sending_the_entries_are_gone(intake: House, visitor: Visitor) -> None:
    """What is left leads to the receipt for a day, and then to nothing."""
    sample = new_application()
    review = await visitor.fill_in(sample)
    intake.clock.forward(seconds=60)
    await visitor.send(review, sample)
    (row,) = await rows_of(intake, visitor)
    assert len(row["content"]["box"]) < 400
    assert visitor.at(Step.COURSE) not in (await visitor.start()).links
    intake.clock.forward(hours=25)
    assert (await visitor.see(Step.COURSE)).status == 404


@pytest.mark.parametrize(
    ("hours", "changes", "word"),
    [
        (5, {}, "åben længe"),
        (1, {"form_token": "x"}, "åben længe"),
        (1, {"extra": "x"}, "skal være tomt"),
        (0, {}, "hurtigt"),
    ],
)
async def test_what_may_not_be_sent_yet_shows_the_review_again_with_everything_kept(
    intake: House, visitor: Visitor, hours: int, changes: dict[str, str], word: str
) -> None:
    """An old or foreign token, the field for programs, more haste than a person has: each says so, and the next try goes through."""
    sample = new_application()
    review = await visitor.fill_in(sample)
    intake.clock.forward(hours=hours)
    page = await visitor.send(review, sample, **changes)
    assert page.path == visitor.at(Step.REVIEW)
    assert word in page.text
    assert page.title.startswith("Fejl: ")
    assert page.values("agreed") == ["yes"]
    assert intake.published == []
    intake.clock.forward(minutes=1)
    assert (await visitor.send(page, sample)).path.endswith("/kvittering")


async def test_a_review_that_was_overtaken_by_another_tab_is_shown_again(intake: House, visitor: Visitor) -> None:
    """Nobody sends what they have not seen."""
    sample = new_application()
    review = await visitor.fill_in(sample)
    intake.clock.forward(minutes=1)
    await visitor.save(Step.MATTER, [*fields_of_step(sample, Step.MATTER), ("employees", "x")])
    page = await visitor.send(review, sample)
    assert "ikke sendt endnu" in page.text
    assert intake.published == []


async def test_promises_must_be_ticked(intake: House, visitor: Visitor) -> None:
    """The three boxes are asked for at the end, each with a text of its own."""
    review = await visitor.fill_in(new_application())
    intake.clock.forward(minutes=1)
    page = await visitor.send(review, {})
    assert [link for link in page.links if link in ("#agreed", "#evaluation", "#privacy_read")] == [
        "#agreed",
        "#evaluation",
        "#privacy_read",
    ]
    assert intake.published == []


async def test_without_a_cookie_the_page_says_which_one_is_needed(intake: House, visitor: Visitor) -> None:
    """And how to go on; it is for the session only, and not for scripts."""
    await visitor.begin()
    (given,) = [one.headers["set-cookie"] for one in visitor.answers if "set-cookie" in one.headers]
    assert given.startswith(f"{COOKIE}=")
    assert {"HttpOnly", "Path=/", "SameSite=lax"} <= set(given.split("; "))
    assert "Max-Age" not in given
    stranger = another_browser(intake)
    for path in (visitor.at(Step.COURSE), visitor.at(Step.REVIEW)):
        page = await stranger.get(path)
        assert (page.status, page.title) == (400, "Skemaet kræver en cookie · SPARK")
    assert (await stranger.post(visitor.at(Step.MATTER), [("challenge", "x")])).status == 400
    await stranger.http.aclose()


async def test_another_browser_finds_nothing(intake: House, visitor: Visitor) -> None:
    """The id in the address is worth nothing without the cookie: it reads, changes, deletes and sends nothing."""
    await visitor.begin()
    await visitor.save(Step.MATTER, [("challenge", "Kun her")], act="back")
    stranger = another_browser(intake)
    await stranger.begin()
    stranger.draft = visitor.draft
    page = await stranger.see(Step.MATTER)
    assert (page.status, "Kun her" in page.html) == (404, False)
    assert (await stranger.save(Step.MATTER, [("challenge", "Andet")])).status == 404
    await stranger.post(f"/ansoegning/{visitor.draft}/slet", [])
    await stranger.http.aclose()
    assert (await visitor.see(Step.MATTER)).value("challenge") == "Kun her"


@pytest.mark.parametrize("draft", ["x", "A" * 16, "A" * 17, "$where", "%00", "kvittering"])
async def test_junk_for_an_id_is_no_draft(visitor: Visitor, draft: str) -> None:
    """The same page as for one that was deleted."""
    await visitor.begin()
    page = await visitor.get(f"/ansoegning/{draft}/tider")
    assert (page.status, page.title) == (404, "Vi kan ikke finde det, I har udfyldt · SPARK")
    answer = await visitor.sent(f"/ansoegning/{draft}/tider", [])
    assert answer.status_code == 404


async def test_the_database_holds_nothing_that_can_be_read(intake: House, visitor: Visitor) -> None:
    """Neither what was typed, nor the id in the address, nor the cookie."""
    await visitor.begin()
    await visitor.save(Step.MATTER, [("challenge", "Sjælden fjeldræv")])
    (row,) = await rows_of(intake, visitor)
    secret = visitor.http.cookies[COOKIE]
    for hidden in ("fjeldræv", "challenge", visitor.draft, secret):
        assert hidden not in str(row)


async def test_entries_are_dropped_after_the_programmes_days(intake: House, visitor: Visitor) -> None:
    """Counted from the last save, by upkeep; and not found any more from that moment."""
    await visitor.begin()
    intake.clock.forward(days=10)
    await visitor.save(Step.MATTER, [("challenge", "Gemt igen")], act="back")
    intake.clock.forward(days=13)
    await intake.parts.drafts.drop_old(intake.clock())
    assert (await visitor.see(Step.MATTER)).value("challenge") == "Gemt igen"
    intake.clock.forward(days=2)
    assert (await visitor.see(Step.MATTER)).status == 404
    await intake.parts.drafts.drop_old(intake.clock())
    assert await rows_of(intake, visitor) == []


async def test_entries_can_be_deleted(visitor: Visitor) -> None:
    """By a button on the start page, at once."""
    await visitor.begin()
    start = await visitor.start()
    action = next(action for action in start.actions if action.endswith("/slet"))
    page = await visitor.post(action, [])
    assert page.path == "/"
    assert visitor.at(Step.COURSE) not in page.links
    assert (await visitor.see(Step.COURSE)).status == 404


async def test_a_browser_has_a_limited_number_of_drafts(visitor: Visitor) -> None:
    """The page says what to do instead."""
    for _ in range(DRAFTS_MAX):
        await visitor.begin()
    page = await visitor.post("/ansoegning", [])
    assert (page.path, "begyndt mange ansøgninger" in page.text) == ("/", True)


@pytest.mark.parametrize(
    "path", ["/ansoegning", "/ansoegning/AAAAAAAAAAAAAAAA/tider", "/ansoegning/AAAAAAAAAAAAAAAA/slet"]
)
async def test_forms_of_foreign_pages_are_refused(visitor: Visitor, path: str) -> None:
    """Whatever cookie goes with them."""
    await visitor.begin()
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        assert (await visitor.sent(path, [], **headers)).status_code == 403


async def test_only_plain_forms_are_read(visitor: Visitor) -> None:
    """No files, no JSON, not more than the edge lets through."""
    await visitor.begin()
    address = visitor.at(Step.MATTER)
    for kind, status in (("multipart/form-data; boundary=x", 415), ("application/json", 415)):
        assert (await visitor.http.post(address, content=b"{}", headers={"Content-Type": kind})).status_code == status
    assert (await visitor.sent(address, [("challenge", "x" * 70_000)])).status_code == 413


async def test_english_has_its_own_addresses_and_the_same_entries(intake: House, visitor: Visitor) -> None:
    """Each step links to itself in the other language; the whole way works there."""
    sample = new_application()
    english = Visitor(visitor.http, language="en")
    review = await english.fill_in(sample)
    assert review.path == f"/en/application/{english.draft}/review"
    assert '<html lang="en">' in review.html
    visitor.draft = english.draft
    assert visitor.at(Step.REVIEW) in review.links
    danish = await visitor.see(Step.MATTER)
    assert danish.value("challenge") == sample["challenge"]
    assert english.at(Step.MATTER) in danish.links
    intake.clock.forward(minutes=1)
    receipt = await english.send(review, sample)
    assert receipt.path == f"/en/application/{english.draft}/receipt"
    assert "Thank you" in receipt.text


async def test_municipalities_stand_in_danish_order(visitor: Visitor) -> None:
    """All 98, å and aa last, in a select that takes the first letters of a name without a script."""
    await visitor.begin()
    page = await visitor.see(Step.WORKPLACES)
    select = page.html.partition('name="workplaces.0.municipality"')[2].partition("</select>")[0]
    names = re.findall(r'<option value="\d{3}">([^<]+)<', select)
    assert (len(names), names[0], names[-1]) == (98, "Albertslund Kommune", "Aarhus Kommune")


async def test_the_english_start_page_is_found_without_its_slash(intake: House) -> None:
    """People type addresses."""
    answer = await intake.http.get("/en")
    assert (answer.status_code, answer.headers["location"]) == (308, "/en/")
    assert "Apply for a SPARK course" in (await intake.http.get("/en/")).text


async def test_a_head_request_and_looking_change_nothing(intake: House, visitor: Visitor) -> None:
    """Pages may be fetched by whatever looks through links."""
    await visitor.begin()
    before = await rows_of(intake, visitor)
    for step in ORDER:
        assert (await visitor.http.head(visitor.at(step))).status_code == 200
        await visitor.see(step)
    assert await rows_of(intake, visitor) == before


async def test_too_many_applications_from_one_network_keep_their_entries(stack: Embedded) -> None:
    """The page holds what was sent and a button that sends it again; nothing of it is lost."""
    settings = settings_for(
        mongodb=stack.mongodb, FORLOEB_INTAKE_CLIENT_LIMIT="1/minute", FORLOEB_INTAKE_DRAFT_LIMIT="2/minute"
    )
    async with house(settings) as intake:
        for answer in (303, 429):
            visitor = Visitor(intake.http)
            sample = new_application()
            review = await visitor.fill_in(sample)
            intake.clock.forward(minutes=1)
            page = await visitor.send(review, sample)
            assert visitor.answers[-1].status_code == (200 if answer == 303 else 429)
        assert int(visitor.answers[-1].headers["retry-after"]) > 0
        assert page.value("form_token") == review.value("form_token")
        assert (await visitor.see(Step.MATTER)).value("challenge") == sample["challenge"]
        refused = await visitor.sent("/ansoegning", [])
        assert refused.status_code == 429


async def test_with_the_database_away_the_page_holds_what_was_typed(
    intake: House, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Saving and sending say that nothing is lost, and the button tries the same again."""
    sample = new_application()
    review = await visitor.fill_in(sample)
    intake.clock.forward(minutes=1)

    async def down(*_: object, **__: object) -> None:
        raise DependencyDownError("database")

    with monkeypatch.context() as patched:
        patched.setattr(intake.parts.drafts, "change", down)
        patched.setattr(intake.parts.store, "insert", down)
        page = await visitor.save(Step.MATTER, [("challenge", 'Med "anførsel" & <mere>'), ("junk", "x")])
        assert page.status == 503
        assert page.fields == [("challenge", 'Med "anførsel" & <mere>'), ("do", "next")]
        assert page.actions == [visitor.at(Step.MATTER)]
        page = await visitor.send(review, sample)
        assert page.status == 503
    assert (await visitor.post(page.actions[0], page.fields)).path.endswith("/kvittering")


async def test_what_was_stored_before_a_crash_leads_to_its_receipt(
    intake: House, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The entries do not know that they were sent: looked through again, they would be changed for nobody."""
    sample = new_application()
    review = await visitor.fill_in(sample)
    intake.clock.forward(minutes=1)

    async def down(*_: object, **__: object) -> None:
        raise DependencyDownError("database")

    with monkeypatch.context() as patched:
        patched.setattr(intake.parts.drafts, "change", down)
        assert (await visitor.send(review, sample)).status == 503
    changed = fields_of_step(sample | {"challenge": "En helt anden udfordring"}, Step.MATTER)
    assert (await visitor.save(Step.MATTER, changed)).path == visitor.at(Step.TIMES)
    receipt = await visitor.see(Step.REVIEW)
    assert receipt.path.endswith("/kvittering")
    assert await applications_of(intake, receipt.text) == 1


async def test_what_is_deleted_in_another_tab_while_it_is_sent_has_a_receipt(
    intake: House, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was sent, so its sender is not told that there is nothing."""
    sample = new_application()
    review = await visitor.fill_in(sample)
    intake.clock.forward(minutes=1)
    insert = intake.parts.store.insert

    async def overtaken(*arguments: Any, **more: Any) -> None:
        await insert(*arguments, **more)
        await visitor.sent(f"/ansoegning/{visitor.draft}/slet", [])

    monkeypatch.setattr(intake.parts.store, "insert", overtaken)
    receipt = await visitor.send(review, sample)
    assert (receipt.status, await applications_of(intake, receipt.text)) == (200, 1)
    assert await rows_of(intake, visitor) == []


async def test_a_browsers_password_for_a_proxy_is_no_token_of_ours(intake: House, visitor: Visitor) -> None:
    """A site that is still being tried out often has one, and browsers send it with everything."""
    sample = new_application()
    review = await visitor.fill_in(sample)
    intake.clock.forward(minutes=1)
    answer = await visitor.sent(visitor.at(Step.REVIEW), sending(review, sample), Authorization="Basic YTpi")
    assert (answer.status_code, answer.headers["location"].endswith("/kvittering")) == (303, True)


async def rows_of(intake: House, visitor: Visitor) -> list[dict[str, Any]]:
    """The stored drafts of this browser."""
    browser = Browser(visitor.http.cookies[COOKIE], intake.parts.draft_key)
    return await intake.client["intake"]["drafts"].find({"browser": browser.digest}).to_list(None)


BAD: dict[Step, dict[str, str]] = {
    Step.COURSE: {"kind": "network", "committee.kind": "", "committee.name": "x" * 121},
    Step.WORKPLACES: {
        "workplaces.0.name": "x" * 121,
        "workplaces.0.street": "\u0007",
        "workplaces.0.postal_code": "410",
        "workplaces.0.town": " ",
        "workplaces.0.municipality": "",
        "sector": "",
        "employees": "mange",
        "participants": "1",
    },
    Step.CONTACTS: {
        **{
            f"contacts.{who}.{part}": value
            for who in ("leader", "employee_representative", "others.0")
            for part, value in {
                "name": "010190-1234",
                "title": "x" * 121,
                "email": "a@b@c",
                "phone": "12",
                "language": "sv",
            }.items()
        },
        "contacts.employee_representative.role": "",
        "contacts.others.0.role": "chef",
    },
    Step.MATTER: {"challenge": "010190-1234 skriver", "desired_change": "x" * 2001},
    Step.TIMES: {
        "earliest_start": "i morgen",
        "wishes.avoid_weekdays": "søn",
        "wishes.preferred_hours.from_time": "25",
        "wishes.preferred_hours.to_time": "9.99",
        "wishes.weeks_out": "54",
        "wishes.avoid_hours.0.weekday": "x",
        "wishes.avoid_hours.0.from_time": "",
        "wishes.avoid_hours.0.to_time": "aften",
        "wishes.unavailable.0.first_day": "31-02-2027",
        "wishes.unavailable.0.last_day": "i går",
        "wishes.unavailable.0.from_time": "24:00",
        "wishes.unavailable.0.to_time": "x",
    },
}


@pytest.mark.parametrize("step", BAD)
async def test_bad_input_is_told_at_each_field_and_kept(visitor: Visitor, step: Step) -> None:
    """Every field of every step; the answer never runs what was typed, and the step is not left."""
    await visitor.begin()
    typed = list(BAD[step].items())
    page = await visitor.save(step, typed)
    assert page.path == visitor.at(step)
    for name, value in typed:
        assert f"{id_of(name)}-error" in page.ids, name
        assert f"#{id_of(name)}" in page.links, name
        if (name, value) in page.fields:
            continue
        field = field_of(name)
        assert field
        assert field.control not in ("text", "email", "tel", "number", "textarea"), name


async def test_a_course_for_one_workplace_is_held_in_the_way_that_was_chosen(intake: House, visitor: Visitor) -> None:
    """The first way is chosen beforehand and explained; another one reaches the event, and the review tells it."""
    sample = new_application()
    await visitor.fill_in(sample)
    times = await visitor.get(visitor.at(Step.TIMES))
    assert times.value("format") == "two_meetings"
    assert "Mellem møderne prøver I noget nyt af i hverdagen." in times.text
    chosen = [(name, "one_day" if name == "format" else value) for name, value in times.fields]
    review = await visitor.post(visitor.at(Step.TIMES), [*chosen, ("do", "next")])
    assert "Én hel dag" in review.text
    intake.clock.forward(seconds=60)
    receipt = await visitor.send(review, sample)
    assert receipt.path.endswith("/kvittering")
    event = read_event(intake.published[0].envelope, intake.published[0].body)
    assert event.application.format == "one_day"


async def test_who_does_not_choose_a_way_gets_the_first_and_a_joint_course_has_none(
    intake: House, visitor: Visitor
) -> None:
    """Nothing is asked where there is nothing to choose; an old choice for another kind of course is let alone."""
    await visitor.fill_in(new_application({"format": "one_day"}))
    await visitor.save(Step.COURSE, fields_of_step(new_application(joint=True), Step.COURSE))
    times = await visitor.get(visitor.at(Step.TIMES))
    assert times.values("format") == []
    await intake.accepted(new_application())
    await intake.accepted(new_application(joint=True))
    formats = [read_event(one.envelope, one.body).application.format for one in intake.published]
    assert formats == ["two_meetings", None]
