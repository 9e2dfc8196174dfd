"""The public form over HTTP, as a browser without scripts meets it."""

from collections.abc import AsyncIterator

import httpx2
import pytest

from services.intake.application import ApplicationForm
from services.intake.form.steps import ORDER, Step
from tests.embedded import Embedded
from tests.form_samples import fields_of_step
from tests.form_visitor import Visitor
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


async def test_no_page_is_the_answer_to_a_form(intake: House, visitor: Visitor) -> None:
    """So back and reload never send anything again."""
    sample = new_application()
    review = await visitor.fill_in(sample)
    intake.clock.forward(seconds=60)
    await visitor.send(review, sample)
    posts = [one for one in visitor.answers if one.request.method == "POST"]
    assert [one.status_code for one in posts] == [303] * len(posts)
    assert len(posts) == 7
