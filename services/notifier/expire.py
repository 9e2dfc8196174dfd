"""Take messages away from senders that gave no sign of life: they go again after a pause, or have failed when they are too old."""

from services.notifier.classify import Kind
from services.notifier.decide import decide_lost
from services.notifier.message import Attempt
from services.notifier.outgoing import Outgoing
from services.notifier.write_down import decision_event, log_decision


async def expire_leases(*, outgoing: Outgoing) -> int:
    """Decide about each message whose lease is over; how many they were.

    Nobody knows whether they went out: they become `unknown`, and go again under the same Message-ID.

    Raises:
        DependencyDownError: the database does not answer; the others are found again.

    """
    count = 0
    now = outgoing.clock()
    for message in await outgoing.messages.expired(now=now):
        lost = Attempt(at=now, phase="lease", outcome=Kind.UNKNOWN, reason="sender_lost")
        decision = decide_lost(message, lost, patience=outgoing.patience, random=outgoing.random())
        written = await outgoing.messages.finish(
            message,
            state=decision.state,
            attempt=lost,
            now=now,
            due_at=decision.due_at,
            event=decision_event(message, decision, traceparent=message.traceparent),
            why=decision.why,
            expired_by=now,
        )
        if written is not None:
            count += 1
            outgoing.publish(written)
            log_decision(message, decision)
    return count
