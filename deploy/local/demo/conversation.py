"""All consultants and some contacts answer by mail; four of their answers change something, and what comes of it is looked at."""

import time
from collections import Counter
from collections.abc import Mapping, Sequence

from deploy.local.demo import story
from deploy.local.demo.answering import (
    Answered,
    Person,
    consultants_of,
    contacts_of,
    known_of,
    newest_invites,
    send_answers,
)
from deploy.local.demo.explained import wait_until_told
from deploy.local.demo.outcome import Cast, Conversation, Report, States, System, expected_of
from deploy.local.demo.people import JSON
from deploy.local.demo.post import Post
from deploy.local.demo.scenes import Scene, nearest_other, sunday_after
from deploy.local.demo.subscribed import subscribe
from deploy.local.demo.waiting import PATIENCE_SECONDS, pause, wait_for_courses, wait_for_letters


def converse(system: System, post: Post, cast: Sequence[Cast], states: States, *, report: Report) -> Conversation:
    """The whole conversation. Adds each course's new states to `states`.

    Raises:
        RefusedError: something was refused, or did not happen in time.

    """
    rows, courses = system.staff.consultants(), system.staff.courses()
    consultants = consultants_of(rows)
    expected = expected_of(cast, states, rows)
    wait_for_letters(system, expected, "Invites before the answers", report)
    scenes = _scenes(system, cast, courses, consultants)
    answers = _answer_all(system, post, cast, scenes, consultants, report)
    courses, faults = _play_scenes(system, post, scenes, report)
    states.add(courses)
    wait_for_letters(system, expected_of(cast, states, rows), "Mails about the changes", report)
    answers += _answer_as_newcomers(system, post, scenes, courses, consultants, report)
    mails = {name: row["mail"].lower() for name, row in rows.items()}
    told, mail_faults = wait_until_told(system, cast, scenes, courses, mails)
    repaired = next(one.now for one in told if one.happening == "repaired")
    feed, feed_faults = subscribe(system, repaired, mails[repaired["consultant"]])
    faults += [*mail_faults, *feed_faults]
    people = {one.who.mail for one in answers} | {scene.who.mail for scene in scenes}
    unheard = set(consultants) - {one.who.person_id for one in answers}
    faults += [f"{consultants[one].name} had no invite to answer" for one in sorted(unheard)]
    return Conversation(
        answers=Counter(one.who.program for one in answers)
        + Counter(scene.who.program for scene in scenes if scene.proposed is None),
        people=len(people),
        told=told,
        feed=feed,
        faults=faults,
    )


def _scenes(
    system: System, cast: Sequence[Cast], courses: Mapping[str, JSON], consultants: Mapping[str, Person]
) -> list[Scene]:
    by_name = {one.applicant.name: one for one in cast}

    def course_of(name: str) -> JSON:
        return courses[by_name[name].sent.application_id]

    def possible(course: JSON, place: int) -> list[JSON]:
        return system.staff.places(course["application_id"], course["meetings"][place]["meeting_id"])

    declined, proposed = course_of(story.DECLINED_BY_CONSULTANT), course_of(story.PROPOSED_BY_CONTACT)
    in_vain, unsigned = course_of(story.PROPOSED_IN_VAIN), course_of(story.SENT_WITHOUT_LOGIN)
    leader = contacts_of(by_name[story.PROPOSED_BY_CONTACT].sent.application, place=1)[0]
    return [
        Scene(happening="repaired", who=consultants[declined["consultant"]], course=declined, place=1),
        Scene(
            happening="taken",
            who=leader,
            course=proposed,
            place=1,
            proposed=nearest_other(possible(proposed, 1), proposed["meetings"][1]),
        ),
        Scene(
            happening="declined",
            who=consultants[in_vain["consultant"]],
            course=in_vain,
            place=1,
            proposed=sunday_after(in_vain["meetings"][1]),
        ),
        Scene(
            happening="confirmed",
            who=consultants[unsigned["consultant"]],
            course=unsigned,
            place=2,
            proposed=nearest_other(possible(unsigned, 2), unsigned["meetings"][2]),
        ),
    ]


def _answer_all(
    system: System,
    post: Post,
    cast: Sequence[Cast],
    scenes: Sequence[Scene],
    consultants: Mapping[str, Person],
    report: Report,
) -> list[Answered]:
    """The next meetings, but not the one that is declined later, by whoever answers at all."""
    people = list(consultants.values())
    for place, one in enumerate(cast):
        if one.applicant.name in story.ANSWERED_BY_CONTACTS:
            people += contacts_of(one.sent.application, place=place)
    inboxes = system.mailboxes.read_all(person.mail for person in people)
    declined = {scene.who.mail: scene.meeting["meeting_id"] for scene in scenes if scene.happening == "repaired"}
    answers: list[Answered] = []
    for person in people:
        invites = newest_invites(inboxes[person.mail])
        invites.pop(declined.get(person.mail, ""), None)
        answers += send_answers(post, person, invites)
        report("Answers sent", len(answers), len(answers))
    wait_for_courses(system, known_of(answers), "Answers taken in", len(answers), report)
    return answers


def _play_scenes(
    system: System, post: Post, scenes: Sequence[Scene], report: Report
) -> tuple[dict[str, JSON], list[str]]:
    """The courses once every scene has happened; and the faults that only show meanwhile."""
    inboxes = system.mailboxes.read_all(scene.who.mail for scene in scenes)
    for scene in scenes:
        invite = newest_invites(inboxes[scene.who.mail])[scene.meeting["meeting_id"]]
        mail = scene.who.writes(
            invite, partstat="DECLINED" if scene.proposed is None else "ACCEPTED", proposed=scene.proposed
        )
        post.send(scene.who.mail, [mail], login=scene.happening != "confirmed")
    deadline = time.monotonic() + PATIENCE_SECONDS
    held, faults = [scene for scene in scenes if scene.happening == "confirmed"], list[str]()
    while True:
        courses = system.staff.courses()
        happened = sum(scene.has_happened(courses) for scene in scenes)
        report("Courses changed by answers", happened, len(scenes))
        if happened == len(scenes) and not held:
            return courses, faults
        for scene in list(held):
            links = [link for letter in system.inbox(scene.who.mail) for link in letter.links_to("svar")]
            if links:
                held.remove(scene)
                if scene.has_happened(courses):
                    faults.append("an answer without log-in was followed before it was confirmed")
                system.applicants.confirm_answer(links[-1])
        pause(deadline, f"what answers change: {len(scenes) - happened} of {len(scenes)}")


def _answer_as_newcomers(
    system: System,
    post: Post,
    scenes: Sequence[Scene],
    courses: Mapping[str, JSON],
    consultants: Mapping[str, Person],
    report: Report,
) -> list[Answered]:
    """Whoever leads a repaired course from now on answers its invites."""
    answers: list[Answered] = []
    for scene in scenes:
        course = courses[scene.course["application_id"]]
        if scene.happening == "repaired" and course["consultant"] != scene.course["consultant"]:
            newcomer = consultants[course["consultant"]]
            hers = {one["meeting_id"] for one in course["meetings"]}
            invites = newest_invites(system.inbox(newcomer.mail))
            answers += send_answers(post, newcomer, {name: one for name, one in invites.items() if name in hers})
    wait_for_courses(system, known_of(answers), "Answers of whoever took over", len(answers), report)
    return answers
