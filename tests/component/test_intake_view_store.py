"""The views of courses and mails: the newest state wins whoever writes it first, and answers find their meeting in them."""

import asyncio
import random
from collections.abc import AsyncIterator
from uuid import uuid4

import pytest

from services.intake.consumer import handlers
from services.intake.course_view import CourseView, view_of
from services.intake.store import DATABASE
from services.intake.view_store import COURSES, ViewStore, create_indexes
from shared import mongo
from shared.events import CourseBooked, CourseEvent, Event, MessageEvent, events_of
from tests.embedded import Embedded
from tests.event_samples import BOOKED, STALLED, envelope_of

WRITERS = 12
ROUNDS = 10


class NothingWaits:
    """No mail waits for a course."""

    async def heard_of(self, event: CourseEvent) -> None:
        """Nothing to look at again."""

    async def heard_of_message(self, event: MessageEvent) -> None:
        """Nothing either."""


@pytest.fixture(scope="module")
async def client(stack: Embedded) -> AsyncIterator[mongo.Client]:
    found = mongo.connect(stack.mongodb, app_name="test-views")
    await create_indexes(found[DATABASE])
    yield found
    found.close()


@pytest.fixture
def views(client: mongo.Client) -> ViewStore:
    return ViewStore(client[DATABASE])


def view(sequence: int, *, mark: str = "") -> CourseView:
    """A booked course; `mark` makes its reply ids and UIDs its own."""
    course = BOOKED.model_copy(
        update={
            "meetings": tuple(
                one.model_copy(
                    update={"uid": one.uid + mark, "reply_ids": {who: r + mark for who, r in one.reply_ids.items()}}
                )
                for one in BOOKED.meetings
            )
        }
    )
    return view_of(CourseBooked(course=course), envelope_of(CourseBooked, sequence=sequence))


async def test_of_many_states_put_at_once_the_newest_stays(views: ViewStore, client: mongo.Client) -> None:
    """Also where none was there before: one document, and each writer hears which state it has taken the place of."""
    for _ in range(ROUNDS):
        application_id = str(uuid4())
        sequences = random.sample(range(1, WRITERS + 1), WRITERS)
        before = await asyncio.gather(*(views.put_course(application_id, view(one)) for one in sequences))
        taken = dict(sorted((one, told) for one, told in zip(sequences, before, strict=True) if told is not None))
        stored = await views.course(application_id)
        assert stored is not None
        assert stored.sequence == WRITERS
        assert list(taken.values()) == [0, *taken][:-1], "each took the place of the one before it"
        assert await client[DATABASE][COURSES].count_documents({"_id": application_id}) == 1


async def test_the_same_state_put_twice_at_once_is_taken_once(views: ViewStore) -> None:
    """Two processes that hold the same record: one of them has nothing to do."""
    for _ in range(ROUNDS):
        application_id = str(uuid4())
        before = await asyncio.gather(*(views.put_course(application_id, view(1)) for _ in range(2)))
        assert sorted(before, key=str) == [0, None]


async def test_a_reply_address_leads_to_its_meeting(views: ViewStore) -> None:
    """By its random half, also of somebody who was taken off; and the UID of the meeting leads there, too."""
    mark = uuid4().hex
    application_id = str(uuid4())
    await views.put_course(application_id, view(1, mark=mark))
    known = view(1, mark=mark).meetings[0]
    for reply_id in known.reply_ids.values():
        found = await views.course_of_reply_id(reply_id)
        assert found is not None
        assert found[0] == application_id
    by_uid = await views.course_of_uid(known.uid)
    assert by_uid is not None
    assert by_uid[1].meetings[0] == known
    assert await views.course_of_reply_id("nobody's") is await views.course_of_uid("nobody's") is None


async def test_a_course_stored_before_answers_were_known_is_read(views: ViewStore, client: mongo.Client) -> None:
    """Its document has none of the newer fields, and is taken over by the next event."""
    application_id = str(uuid4())
    old = {"sequence": 1, "state": "booked", "meetings": []}
    await client[DATABASE][COURSES].insert_one({"_id": application_id, "seen": {"courses": 1}, "course": old})
    stored = await views.course(application_id)
    assert stored is not None
    assert (stored.answers, stored.stall, stored.offer, stored.matter) == ((), None, None, None)
    assert await views.put_course(application_id, view(2)) == 1


@pytest.mark.parametrize("kind", events_of(CourseEvent), ids=lambda kind: kind.__name__)
async def test_every_event_of_a_course_is_followed(views: ViewStore, kind: type[Event]) -> None:
    """Each carries the whole state, so none may be passed over: also that meetings were moved, answered or put in doubt."""
    application_id = str(uuid4())
    event = kind.model_validate({"course": STALLED.model_copy(update={"application_id": application_id})})
    envelope = envelope_of(kind, subject=application_id, sequence=7)
    assert await handlers(views, waiting=NothingWaits())[kind](event, envelope) == "handled"
    stored = await views.course(application_id)
    assert stored is not None
    assert (stored.sequence, stored.event_type) == (7, kind.type)
    assert (stored.stall, stored.cause, stored.matter) == (STALLED.stall, STALLED.cause, STALLED.matter)
