"""A text-only change of an invite: the same SEQUENCE, a strictly newer DTSTAMP, and only for those who read something new."""

from datetime import UTC, datetime, timedelta

from services.scheduler.course import BookedMeeting, Course, Window
from services.scheduler.course_invites import with_invites
from services.scheduler.wording import says_otherwise, with_wording
from shared.events import Invite, Person
from shared.words import Words
from tests.factories import spark
from tests.scheduler_samples import NOW, contacts_of, matter_of, request_of, roster_entry

LEADER, EMPLOYEE = "a1-leader", "a1-employee"
PEOPLE = {**contacts_of("a1"), "anne": roster_entry().person()}
LATER = NOW + timedelta(days=1)


def meeting(number: int, **changes: object) -> BookedMeeting:
    start = datetime(2027, 1, 12, 8, 0, tzinfo=UTC) + timedelta(weeks=number)
    made = BookedMeeting(
        meeting_id=f"m{number}",
        code=f"c{number}",
        place="workplace",
        minutes=120,
        start=start,
        wall_start=f"{start + timedelta(hours=1):%Y-%m-%dT%H:%M}",
        zone="Europe/Copenhagen",
        uid=f"m{number}@forloeb.example",
        sequence=2,
        dtstamp=NOW,
        status="confirmed",
        name=Words(da="Møde", en="Meeting"),
        tokens={person_id: f"{place:020x}" for place, person_id in enumerate(PEOPLE, 1)},
    )
    return made.model_copy(update=changes)


def course(*meetings: BookedMeeting) -> Course:
    made = Course(
        application_id="a1",
        request=request_of(),
        window=Window(earliest=NOW.date(), latest_start=NOW.date(), latest=NOW.date()),
        state="booked",
        consultant_id="anne",
        meetings=meetings or (meeting(1), meeting(2)),
        decided_at=NOW,
    )
    return told(made, now=NOW)


def told(made: Course, people: dict[str, Person] | None = None, *, now: datetime = LATER) -> Course:
    places = matter_of().workplaces
    return with_wording(made, people or PEOPLE, places=places, programme=spark(), key=bytes(32), now=now)


def changed(person_id: str, **changes: object) -> dict[str, Person]:
    return {**PEOPLE, person_id: PEOPLE[person_id].model_copy(update=changes)}


def copies(made: Course, people: dict[str, Person]) -> dict[str, tuple[Invite, ...]]:
    written = with_invites(made, people, workplaces=matter_of().workplaces, programme=spark(), reply_key=bytes(32))
    return {person_id: person.invites for person_id, person in written.items()}


def newer_for(before: Course, after: Course, people: dict[str, Person]) -> set[str]:
    """Whose copies have a newer DTSTAMP; the numbers of all must be the same."""
    was, now = copies(before, PEOPLE), copies(after, people)
    assert [one.sequence for one in before.meetings] == [one.sequence for one in after.meetings]
    return {who for who in was if [one.dtstamp for one in was[who]] != [one.dtstamp for one in now[who]]}


def test_what_says_the_same_is_the_very_same_course() -> None:
    """However often it is told."""
    before = course()
    assert told(before) is before


def test_a_consultants_new_name_is_news_for_all() -> None:
    """It stands in everybody's text, and in her own copy as the attendee."""
    people = changed("anne", name="Anne Nygift")
    before, after = course(), told(course(), people)
    assert newer_for(before, after, people) == {LEADER, EMPLOYEE, "anne"}
    assert all(one.dtstamp == LATER for one in after.meetings)
    assert "Anne Nygift" in copies(after, people)[LEADER][0].ics


def test_a_contacts_language_is_news_for_the_contact_alone() -> None:
    """The others' copies keep their bytes, so they get no mail."""
    people = changed(LEADER, language="en")
    before, after = course(), told(course(), people)
    assert newer_for(before, after, people) == {LEADER}
    assert copies(after, people)["anne"] == copies(before, PEOPLE)["anne"]
    assert copies(after, people)[EMPLOYEE] == copies(before, PEOPLE)[EMPLOYEE]


def test_a_contacts_phone_number_is_news_for_the_consultant_alone() -> None:
    """She alone is told how to reach people."""
    people = changed(LEADER, phone="11 22 33 44")
    assert newer_for(course(), told(course(), people), people) == {"anne"}


def test_two_changes_in_one_second_have_two_stamps() -> None:
    """A calendar program drops the second of two objects with one SEQUENCE and one DTSTAMP."""
    once = told(course(), changed("anne", name="Anne B"))
    twice = told(once, changed("anne", name="Anne C"))
    assert [one.dtstamp for one in twice.meetings] == [LATER + timedelta(seconds=1)] * 2


def test_a_language_changed_after_a_name_is_newer_than_it() -> None:
    """Also where the two changes concern other people, each person's stamps only grow."""
    renamed = changed("anne", name="Anne B")
    both = {**renamed, LEADER: renamed[LEADER].model_copy(update={"language": "en"})}
    once = told(course(), renamed)
    twice = told(once, both)
    assert copies(twice, both)[LEADER][0].dtstamp == LATER + timedelta(seconds=1)
    assert copies(twice, both)[EMPLOYEE][0].dtstamp == LATER


def test_past_and_cancelled_meetings_are_left_alone() -> None:
    """Nobody gets a mail about what is over."""
    made = course(meeting(1), meeting(2, status="cancelled"), meeting(3))
    after = told(made, changed("anne", name="Anne B"), now=made.meetings[0].start)
    assert [old is new for old, new in zip(made.meetings, after.meetings, strict=True)] == [True, True, False]


def test_a_course_of_before_this_was_kept_is_not_told_anew() -> None:
    """Nobody knows what was sent then; from now on it is known."""
    made = course()
    old = made.model_copy(update={"meetings": tuple(one.model_copy(update={"worded": {}}) for one in made.meetings)})
    known = told(old)
    assert known.meetings == made.meetings
    assert not says_otherwise(old, known)


def test_a_raised_sequence_takes_the_meetings_own_stamp_for_everybody() -> None:
    """Stamps of copies under an older number count no more."""
    made = told(course(), changed(LEADER, language="en"))
    moved = made.meetings[0].model_copy(update={"sequence": 3, "dtstamp": LATER + timedelta(hours=1)})
    assert {moved.copy_dtstamp(who) for who in PEOPLE} == {LATER + timedelta(hours=1)}
    after = told(made.model_copy(update={"meetings": (moved,)}), changed(LEADER, language="en"))
    assert {one.dtstamp for one in after.meetings[0].worded.values()} == {LATER + timedelta(hours=1)}


def test_nothing_of_the_text_can_be_read_in_the_document() -> None:
    """A keyed digest: without the key, not even a guessed name can be tried."""
    before = course()
    other = with_wording(
        before.model_copy(update={"meetings": tuple(one.model_copy(update={"worded": {}}) for one in before.meetings)}),
        PEOPLE,
        places=matter_of().workplaces,
        programme=spark(),
        key=b"k" * 32,
        now=NOW,
    )
    assert other.meetings[0].worded["anne"].digest != before.meetings[0].worded["anne"].digest
    assert "Anne" not in str(before.fields())
