"""What intake knows about the meeting and the person that a mail is about, as far as a judgement needs it. Pure."""

from typing import Literal

from pydantic import AwareDatetime

from shared.fact import Fact


class Row(Fact):
    """One person and one meeting. `sequence`, `dtstamp` and `start` are those that the scheduler told last.

    `address` is the registered one, in lower case; `aliases` are keyed digests of others that staff have said are hers, too.
    `revoked`: she is invited no more, or the meeting is cancelled. `ended_until`: how long answers are taken after the end.
    `last_contact_to_decline`: all other invited contacts have declined this version already. `stands_declined`: this consultant
    has declined it, or all contacts have, so that a yes of hers would take that back.
    """

    application_id: str
    meeting_id: str
    person_id: str
    function: Literal["contact", "consultant"]
    uid: str
    sequence: int
    dtstamp: AwareDatetime
    start: AwareDatetime
    status: Literal["confirmed", "cancelled"]
    address: str
    aliases: tuple[str, ...] = ()
    revoked: bool = False
    ended_until: AwareDatetime
    last_contact_to_decline: bool = False
    stands_declined: bool = False

    @property
    def key(self) -> tuple[str, str, str]:
        return self.application_id, self.meeting_id, self.person_id
