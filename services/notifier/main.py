"""Starts the notifier: it follows applications and courses, tells people by mail, and publishes what came of each mail."""

import asyncio
import contextlib
import random
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

import structlog
import uvloop

from services.notifier import course_view, message
from services.notifier.address_gate import address_gate
from services.notifier.attempt import attempt_message
from services.notifier.consumer import make_consumer
from services.notifier.decide import Patience
from services.notifier.desk import Desk
from services.notifier.expire import expire_leases
from services.notifier.lines import Lines
from services.notifier.metrics import CHANNEL_OPEN
from services.notifier.outgoing import Outgoing
from services.notifier.pacing import Pacing
from services.notifier.preview.try_own import OwnTemplatesError, load_tried_templates
from services.notifier.retrying import Channel
from services.notifier.returns import drain, returned
from services.notifier.returns.sent_mails import SentMails
from services.notifier.returns.settle_return import ReturnsDesk
from services.notifier.returns.store import Returns
from services.notifier.send import SenderLoop
from services.notifier.settings import NotifierSettings
from services.notifier.smtp import SmtpConnection
from services.notifier.smtp_settings import tls_context
from services.notifier.staff.wiring import Publish, build_app
from services.notifier.store import DATABASE, Messages, create_indexes
from services.notifier.suppress import suppression
from services.notifier.suppress.gate import suppression_gate
from services.notifier.suppress.on_refusal import leave_refused_alone
from services.notifier.suppress.store import Suppressions
from services.notifier.suppress.watch import watch_suppressed
from services.notifier.sweeping import sweep
from services.notifier.tell_later import tell_due
from services.notifier.template_files import Templates
from services.notifier.timed import store as timed_store
from services.notifier.timed.gates import timed_gates
from services.notifier.timed.store import Days
from services.notifier.timed.sweep import sweep_timed
from services.notifier.view_store import Views
from shared import crash, kafka, logs, mongo, settings
from shared.bounce_address import BOUNCE_ADDRESS, bounce_address
from shared.errors import DependencyDownError
from shared.health import Health
from shared.kafka import KafkaAddress, Publisher
from shared.mongo import Client
from shared.programme import Programme, load_programme
from shared.programme_faults import ProgrammeError
from shared.relay import Relay
from shared.running import run_service
from shared.settings import SettingsError
from shared.signing import purpose_key
from shared.staff.wiring import build_staff
from shared.vault import MasterKey, Vault

DRAIN_SECONDS = 5.0
MAIL_ADDRESS = "notifier-mail-address"
"""Purpose of the key that digests addresses."""
INDEX_RETRY_SECONDS = 2.0

log = structlog.get_logger(__name__)


def main() -> None:
    """Serve until stopped; exit code 2 for wrong settings."""
    try:
        run()
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201 - before logging is set up, for whoever starts the service
        sys.exit(2)


def run() -> None:
    """Serve until stopped.

    Raises:
        SettingsError: the settings, or the programme that they name, are wrong.

    """
    loaded = settings.load(NotifierSettings)
    try:
        programme = load_programme(loaded.programme)
        templates = load_tried_templates(loaded.notifier_templates)
        tls_context(loaded.smtp_settings())
    except (ProgrammeError, OSError) as error:
        raise SettingsError(f"FORLOEB_SMTP_CA_FILE: {error}" if isinstance(error, OSError) else str(error)) from None
    except OwnTemplatesError as error:
        raise SettingsError(f"FORLOEB_NOTIFIER_TEMPLATES: {error}") from None
    logs.configure(service="notifier", level=loaded.log_level)
    if loaded.crash_at:
        crash.arm(loaded.crash_at)
    uvloop.run(_serve(loaded, programme, templates))


@dataclass(frozen=True, kw_only=True)
class _Stores:
    """What both halves, telling and sending, work on."""

    client: Client
    messages: Messages
    views: Views
    returns: Returns
    suppressions: Suppressions
    days: Days
    vault: Vault


async def _serve(loaded: NotifierSettings, programme: Programme, templates: Templates) -> None:
    address = KafkaAddress.of(loaded)
    stores = _stores(loaded)
    publisher = Publisher(address, client_id="notifier")
    database = stores.client[DATABASE]
    relays = [
        Relay(collection=database[name], sender=publisher, clock=_now)
        for name in (message.COLLECTION, course_view.COLLECTION, suppression.COLLECTION)
    ]
    relay, relay_of_views, relay_of_suppressions = relays
    desk = Desk(
        views=stores.views,
        messages=stores.messages,
        returns=stores.returns,
        vault=stores.vault,
        programme=programme,
        templates=templates,
        clock=_now,
        wake=lambda: sender.wake(),  # noqa: PLW0108 - the sender is made below, with this desk
        quiet=timedelta(seconds=loaded.notifier_settle_seconds),
        staff_url=loaded.notifier_staff_url or loaded.public_url,
        address_key=purpose_key(loaded.link_secret, MAIL_ADDRESS),
    )
    sender = _sender(loaded, desk, stores, relay)
    at_desk = ReturnsDesk(
        desk=desk,
        returns=stores.returns,
        sent=SentMails(stores.client[DATABASE][message.COLLECTION]),
        suppressions=stores.suppressions,
        publish=relay.wake,
    )
    consumer = make_consumer(desk, address=address, dead_letters=publisher, clock=_now)

    async def consume() -> None:
        await _ensure_indexes(stores)
        await consumer.run()

    async def tell_later() -> None:
        await sweep(partial(tell_due, desk=desk), step="tell-later")

    async def tell_in_time() -> None:
        await sweep_timed(desk=desk, tidy=stores.days.tidy)

    async def settle_returns() -> None:
        await sweep(partial(drain.settle_due, at_desk=at_desk), step="returns")

    async def watch() -> None:
        await watch_suppressed(stores.suppressions)

    async def publish_rest() -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(DRAIN_SECONDS):
                await asyncio.gather(*(each.drain() for each in relays))

    health = Health()
    health.add_check("mongodb", lambda: mongo.ping(stores.client))
    health.add_check("kafka", lambda: kafka.ping(address))
    health.add_stall(consumer.stalled)
    health.add_stall(sender.stalled)
    health.add_hold(lambda: consumer.holding)
    consumer.consult(health.unwell)
    app = build_app(
        loaded,
        desk=desk,
        suppressions=stores.suppressions,
        database=database,
        staff=build_staff(loaded, client=stores.client, public_url=loaded.public_url, clock=_now),
        publish=Publish(message=relay.wake, view=relay_of_views.wake, suppression=relay_of_suppressions.wake),
        health=health,
    )
    await run_service(
        app=app,
        host=loaded.notifier_host,
        port=loaded.notifier_port,
        health=health,
        tasks=(consume, tell_later, tell_in_time, settle_returns, watch, *(each.run for each in relays), sender.run),
        # The sender first: what it has in hand needs the time, and must not wait until the consumer has stopped.
        stops=(sender.stop, consumer.stop, publish_rest, publisher.stop),
    )
    stores.client.close()


def _stores(loaded: NotifierSettings) -> _Stores:
    client = mongo.connect(loaded.mongodb.get_secret_value(), app_name="notifier")
    master_key = MasterKey(loaded.master_key.get_secret_value())
    return _Stores(
        client=client,
        messages=Messages(client[DATABASE]["messages"]),
        views=Views(client[DATABASE]["courses"]),
        returns=Returns(client[DATABASE][returned.COLLECTION]),
        suppressions=Suppressions(client[DATABASE][suppression.COLLECTION]),
        days=Days(client[DATABASE][timed_store.COLLECTION]),
        vault=Vault(keys=client["vault"]["keys"], master_key=master_key, clock=_now),
    )


def _sender(loaded: NotifierSettings, desk: Desk, stores: _Stores, relay: Relay) -> SenderLoop:
    channel, programme = Channel(), desk.programme
    CHANNEL_OPEN.set(1)
    pacing = Pacing(
        per_second=loaded.notifier_rate_per_second, domain_per_second=loaded.notifier_domain_rate_per_second
    )
    outgoing = Outgoing(
        messages=stores.messages,
        vault=stores.vault,
        sender=programme.sender,
        return_path=partial(
            bounce_address,
            key=purpose_key(loaded.link_secret, BOUNCE_ADDRESS),
            mailbox=programme.sender.bounce_mailbox,
            domain=programme.sender.domain,
        ),
        channel=channel,
        pacing=pacing,
        patience=Patience(loaded.notifier_retry_seconds, timedelta(hours=loaded.notifier_give_up_hours)),
        clock=_now,
        random=random.random,
        publish=relay.wake,
        gates=(
            address_gate(stores.views),
            suppression_gate(stores.suppressions, desk=desk),
            *timed_gates(views=stores.views, days=stores.days, programme=desk.programme, clock=_now),
        ),
        on_undeliverable=leave_refused_alone(stores.suppressions, desk=desk),
    )
    smtp = loaded.smtp_settings()
    return SenderLoop(
        messages=stores.messages,
        attempt=partial(attempt_message, outgoing=outgoing),
        expire=partial(expire_leases, outgoing=outgoing),
        lines=Lines(lambda: SmtpConnection(smtp, clock=time.monotonic), loaded.notifier_senders),
        channel=channel,
        pacing=pacing,
        clock=_now,
        lease_seconds=loaded.notifier_lease_seconds,
    )


async def _ensure_indexes(stores: _Stores) -> None:
    while True:
        try:
            await create_indexes(stores.client)
        except DependencyDownError:
            log.warning("indexes-wait-for-database", retry_seconds=INDEX_RETRY_SECONDS)
            await asyncio.sleep(INDEX_RETRY_SECONDS)
        else:
            return


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    main()
