"""The mails that a planned change would send, for a preview and for the check that nothing else is sent than was shown."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Final

from services.scheduler.course_change import Before, Change
from services.scheduler.course_event import consultants_of
from services.scheduler.mails import Mail, mails_between
from services.scheduler.means import Means

DIGEST_CHARACTERS: Final = 32


async def mails_of(before: Before, planned: Change, *, means: Means) -> list[Mail]:
    """In their order; none where nobody but staff has to know. Raises DependencyDownError."""
    if planned.kind is None:
        return []
    people = {**before.opened.contacts, **await consultants_of(planned.course, means=means)}
    functions = {person_id: person.function for person_id, person in people.items()}
    return mails_between(before.course, planned.course, functions)


def digest_of(mails: Iterable[Mail]) -> str:
    """The same for the same mails, to tell whether a roster that has changed since would send others."""
    text = json.dumps([asdict(mail) for mail in mails], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:DIGEST_CHARACTERS]
