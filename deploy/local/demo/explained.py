"""Waits for the mails that explain what answers have changed, and tells what came of each answer."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from deploy.local.demo.conversation_checks import change_faults, declined_faults, mails_of_change, people_of
from deploy.local.demo.outcome import Cast, System, Told
from deploy.local.demo.people import JSON
from deploy.local.demo.scenes import Scene
from deploy.local.demo.waiting import MAIL_POLL_SECONDS, PATIENCE_SECONDS


def wait_until_told(
    system: System,
    cast: Sequence[Cast],
    scenes: Sequence[Scene],
    courses: Mapping[str, JSON],
    mails: Mapping[str, str],
) -> tuple[list[Told], list[str]]:
    """What came of each answer, once everybody has the mails that explain it; and what is still wrong when the patience is over."""
    contacts = {one.sent.application_id: one.contacts for one in cast}
    now_of = {scene.happening: courses[scene.course["application_id"]] for scene in scenes}
    people = {
        scene.happening: {scene.who.mail: ()}
        if scene.happening == "declined"
        else people_of(scene, now_of[scene.happening], contacts[scene.course["application_id"]], mails)
        for scene in scenes
    }
    deadline = time.monotonic() + PATIENCE_SECONDS
    while True:
        mailboxes = system.mailboxes.read_all(mailbox for told in people.values() for mailbox in told)
        faults: list[str] = []
        for scene in scenes:
            now = now_of[scene.happening]
            if scene.happening == "declined":
                faults += declined_faults(scene, now, mailboxes[scene.who.mail])
            else:
                faults += change_faults(now["reference"], people[scene.happening], mailboxes)
        if not faults or time.monotonic() > deadline:
            break
        time.sleep(MAIL_POLL_SECONDS)
    told = [
        replace(one, mails=mails_of_change(one.now, people[one.happening], mailboxes))
        for one in (scene.told(courses) for scene in scenes)
    ]
    return told, faults
