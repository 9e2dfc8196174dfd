"""The invites of a course are written from stored values alone: the same values, the same bytes."""

from datetime import UTC, datetime

import pytest
import vobject

from services.scheduler.course import BookedMeeting, Course, Uninvited, Window
from services.scheduler.course_invites import with_invites
from shared.course_facts import KnownAnswer
from shared.events import Person
from shared.words import Words
from tests.factories import spark
from tests.scheduler_samples import NOW, contacts_of, matter_of, request_of, roster_entry

PEOPLE = {**contacts_of("a1"), "anne": roster_entry().person()}
SECOND = matter_of().workplaces[0].model_copy(update={"name": "Rådhuset", "street": "Torvet 2"})
TOKENS = {person_id: f"{number:020x}" for number, person_id in enumerate(PEOPLE, 1)}


def course(**changes: object) -> Course:
    meeting = BookedMeeting(
        meeting_id="m1",
        code="opening",
        place="workplace",
        minutes=120,
        start=datetime(2027, 6, 15, 7, 0, tzinfo=UTC),
        wall_start="2027-06-15T09:00",
        zone="Europe/Copenhagen",
        uid="m1@forloeb.example",
        sequence=0,
        dtstamp=NOW,
        status="confirmed",
        name=Words(da="Indledende møde", en="Opening meeting"),
        tokens=TOKENS,
    )
    window = Window(earliest=NOW.date(), latest_start=NOW.date(), latest=NOW.date())
    return Course(
        application_id="a1",
        request=request_of(),
        window=window,
        state="booked",
        consultant_id="anne",
        meetings=(meeting.model_copy(update=changes),),
        decided_at=NOW,
    )


def invited(made: Course) -> dict[str, Person]:
    workplaces = (*matter_of().workplaces, SECOND)
    return with_invites(made, PEOPLE, workplaces=workplaces, programme=spark(), reply_key=bytes(32))


def test_the_same_values_give_the_same_bytes() -> None:
    """Also after a way through the database's JSON."""
    again = Course.model_validate({**course().fields(), "application_id": "a1"})
    assert invited(course()) == invited(again)


def test_who_leads_the_course_changes_no_copy_of_a_meeting_that_both_were_at() -> None:
    """Two consultants who change roles leave a meeting as it was: its number is not raised, so its bytes may not differ."""
    both = {**TOKENS, "bo": f"{9:020x}"}
    bo = roster_entry("bo").person()
    copies = [
        with_invites(
            course(tokens=both).model_copy(update={"consultant_id": first, "second_id": second}),
            {**contacts_of("a1"), first: people[first], second: people[second]},
            workplaces=matter_of().workplaces,
            programme=spark(),
            reply_key=bytes(32),
        )
        for people in ({"anne": PEOPLE["anne"], "bo": bo},)
        for first, second in (("anne", "bo"), ("bo", "anne"))
    ]
    assert copies[0] == copies[1]


def test_each_reads_her_own_language_and_a_neutral_title() -> None:
    """The title names the programme and the meeting, never a theme."""
    people = invited(course())
    danish, english = (vobject.readOne(people[f"a1-{one}"].invites[0].ics).vevent for one in ("leader", "employee"))
    assert danish.summary.value == "SPARK-forløb: indledende møde"
    assert english.summary.value == "SPARK course: opening meeting"
    assert danish.dtstart.value.astimezone(UTC) == datetime(2027, 6, 15, 7, 0, tzinfo=UTC)
    assert danish.location.value == "Jobcentret, Søndergade 1, 5000 Odense C"


def test_whoever_has_no_token_for_a_meeting_has_no_invite_to_it() -> None:
    """A contact who was added later was not invited to what was booked before."""
    made = course(tokens={"anne": TOKENS["anne"]})
    assert {person_id for person_id, person in invited(made).items() if person.invites} == {"anne"}


def test_a_cancelled_meeting_is_called_off_under_the_same_uid_and_address() -> None:
    """Calendars find the entry by UID; answers find the meeting by the organizer's address."""
    asked, off = (
        vobject.readOne(invited(made)["anne"].invites[0].ics)
        for made in (course(), course(status="cancelled", sequence=1))
    )
    assert (asked.method.value, off.method.value) == ("REQUEST", "CANCEL")
    assert off.vevent.uid.value == asked.vevent.uid.value
    assert off.vevent.organizer.value == asked.vevent.organizer.value


def answered(partstat: str, *, sequence: int) -> KnownAnswer:
    return KnownAnswer.model_validate(
        {
            "meeting_id": "m1",
            "person_id": "a1-leader",
            "partstat": partstat,
            "sequence": sequence,
            "dtstamp": NOW,
            "at": NOW,
        }
    )


@pytest.mark.parametrize(
    ("known", "shown"),
    [
        (None, "NEEDS-ACTION"),
        (("ACCEPTED", 1), "ACCEPTED"),
        (("TENTATIVE", 1), "TENTATIVE"),
        (("ACCEPTED", 0), "NEEDS-ACTION"),
    ],
)
def test_a_copy_repeats_its_readers_answer_to_this_very_version(known: tuple[str, int] | None, shown: str) -> None:
    """What she said to an earlier version counts no more, and nobody's answer stands in another's copy."""
    answers = () if known is None else (answered(known[0], sequence=known[1]),)
    people = invited(course(sequence=1).model_copy(update={"answers": answers}))
    shows = {who: vobject.readOne(one.invites[0].ics).vevent.attendee.params["PARTSTAT"] for who, one in people.items()}
    assert shows == {"a1-leader": [shown], "a1-employee": ["NEEDS-ACTION"], "anne": ["NEEDS-ACTION"]}


def test_a_meeting_at_a_venue_has_the_venues_address() -> None:
    """Places of the course's own come after the application's workplaces."""
    (one,) = {
        vobject.readOne(p.invites[0].ics).vevent.location.value
        for p in invited(course(place="venue", workplace=1)).values()
    }
    assert one == "Rådhuset, Torvet 2, 5000 Odense C"


def test_the_location_is_the_workplace_that_is_host() -> None:
    """A workshop at the second workplace of a joint course has that one's address in everybody's calendar."""
    for person in invited(course(workplace=1)).values():
        event = vobject.readOne(person.invites[0].ics).vevent
        assert event.location.value == "Rådhuset, Torvet 2, 5000 Odense C"


def test_without_the_application_the_place_is_left_out() -> None:
    """An erased application leaves times and people; an online meeting says so."""
    people = with_invites(course(), PEOPLE, workplaces=(), programme=spark(), reply_key=bytes(32))
    assert "LOCATION" not in people["anne"].invites[0].ics
    online = with_invites(course(place="online"), PEOPLE, workplaces=(), programme=spark(), reply_key=bytes(32))
    assert "LOCATION:Online" in online["anne"].invites[0].ics


def test_somebody_taken_off_a_meeting_gets_it_cancelled_for_herself_alone() -> None:
    """RFC 5546 3.2.5: no STATUS. The others keep a copy, which names her no more; hers shows the time that she knew."""
    known = datetime(2027, 6, 8, 7, 0, tzinfo=UTC)
    people = invited(course(sequence=1, uninvited={"anne": Uninvited(at=NOW, start=known)}))
    hers = vobject.readOne(people["anne"].invites[0].ics)
    assert (hers.method.value, hers.vevent.sequence.value) == ("CANCEL", "1")
    assert "STATUS" not in people["anne"].invites[0].ics
    assert hers.vevent.dtstart.value == known
    leader = people["a1-leader"].invites[0]
    assert leader.method == "REQUEST"
    assert "Konsulent Anne" not in leader.ics
