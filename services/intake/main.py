"""Wires the intake service and runs it."""

import asyncio
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from fastapi import FastAPI

from services.intake import api, consumer, error_answers, openapi
from services.intake.about.routes import routes as about_routes
from services.intake.form.draft_store import DraftStore
from services.intake.form.routes import routes as form_routes
from services.intake.held.routes import routes as held_routes
from services.intake.idempotency import InFlight
from services.intake.links import Signer
from services.intake.mail_in.parked_store import ParkedMails
from services.intake.mail_in.store import Mails
from services.intake.mail_in.vault import MailVault
from services.intake.mail_in.wiring import build_mail_in
from services.intake.new_address.staff_routes import staff_api as addresses_api
from services.intake.new_address.staff_routes import staff_routes as addresses_of_staff
from services.intake.parked.api import routes as parked_api
from services.intake.parked.routes import routes as parked_routes
from services.intake.parts import Limits, Parts
from services.intake.review.pages import PAGES as REVIEW
from services.intake.review.routes import routes as review_routes
from services.intake.review.store import Queue
from services.intake.settings import IntakeSettings
from services.intake.status import routes as status
from services.intake.store import DATABASE, Store
from services.intake.upkeep import upkeep
from shared import crash, kafka, logs, mongo
from shared.client_address import networks
from shared.consuming import Consumer
from shared.health import Health
from shared.http import create_app
from shared.outbox import Waiting
from shared.programme import Programme, load_programme
from shared.programme_faults import ProgrammeError
from shared.rate_limit import RateLimit
from shared.reference.municipalities import load_municipalities
from shared.relay import Relay
from shared.running import run_service
from shared.settings import SettingsError, load
from shared.signing import purpose_key
from shared.staff.pages import staff_pages
from shared.staff.wiring import build_staff
from shared.together import Together
from shared.vault import MasterKey, Vault
from shared.web.site import ASSETS_FOLDER, AssetsMissingError, Site
from shared.web.texts import TextsError, load_texts

EXIT_SETTINGS = 2
HOME = Path(__file__).parent
DRAIN_SECONDS = 5.0
ALARMS = "1/minute"
"""Lines in the log about a flood: one for each refusal would fill a disk."""


def main() -> None:
    """`forloeb run intake`."""
    try:
        run()
    except SettingsError as error:
        print(error, file=sys.stderr)  # noqa: T201 - before there is a log
        raise SystemExit(EXIT_SETTINGS) from None


def run() -> None:
    """Serve until stopped.

    Raises:
        SettingsError: the settings, or the programme that they name, are wrong; it lists every fault.

    """
    import uvloop  # noqa: PLC0415 - only a process that serves needs it

    settings = load(IntakeSettings)
    try:
        programme = load_programme(settings.programme)
    except ProgrammeError as error:
        raise SettingsError(str(error)) from None
    logs.configure(service="intake", level=settings.log_level)
    if settings.crash_at:
        crash.arm(settings.crash_at)
    uvloop.run(serve(settings, programme))


async def serve(settings: IntakeSettings, programme: Programme) -> None:
    """Run the service until a signal stops it."""
    client = mongo.connect(settings.mongodb.get_secret_value(), app_name="intake")
    address = kafka.KafkaAddress.of(settings)
    publisher = kafka.Publisher(address, client_id="intake")
    relay = Relay(collection=client[DATABASE]["applications"], sender=publisher, clock=_now)
    parts = build_parts(settings, programme, client=client, wake=relay.wake, clock=_now)
    mail_in = build_mail_in(parts, settings=settings, client=client)
    following = Consumer(
        address=address,
        group=consumer.GROUP,
        handlers=consumer.handlers(parts.store, waiting=mail_in),
        dead_letters=publisher,
        clock=_now,
    )
    health = Health()
    health.add_check("mongodb", parts.store.ping)
    health.add_check("kafka", partial(kafka.ping, address))
    for listener in mail_in.listeners:
        health.add_check(listener.name, listener.check)
    health.add_stall(following.stalled)
    health.add_hold(lambda: following.holding)
    following.consult(health.unwell)
    await run_service(
        app=build_app(parts, settings=settings, health=health),
        host=settings.intake_host,
        port=settings.intake_port,
        health=health,
        tasks=[
            relay.run,
            following.run,
            partial(
                upkeep,
                store=parts.store,
                drafts=parts.drafts,
                vault=parts.vault,
                signer=parts.signer,
                programme=programme,
                address_key=parts.address_key,
                clock=_now,
            ),
            *mail_in.tasks,
        ],
        stops=[following.stop, *mail_in.stops, partial(_drain, relay), publisher.stop],
    )
    client.close()


def build_app(parts: Parts, *, settings: IntakeSettings, health: Health) -> FastAPI:
    """The HTTP side of the service."""
    app = create_app(
        title=openapi.TITLE,
        health=health,
        staff_token=settings.staff_token,
        https_only=settings.public_url.startswith("https://"),
        error_page=error_answers.page_for_people(parts),
    )
    app.include_router(api.routes(parts))
    app.include_router(openapi.route(app))
    app.include_router(form_routes(parts))
    app.include_router(about_routes(parts))
    # Before those of a single application: their addresses are more exact.
    app.include_router(parked_routes(parts))
    app.include_router(parked_api(parts))
    app.include_router(addresses_of_staff(parts))
    app.include_router(addresses_api(parts))
    app.include_router(review_routes(parts))
    app.include_router(held_routes(parts))
    parts.site.mount(app)
    error_answers.install(app, parts)
    staff_pages(app, entrance=parts.entrance, site=parts.site, home=REVIEW)
    status.install(app, parts)
    return app


def build_parts(
    settings: IntakeSettings,
    programme: Programme,
    *,
    client: mongo.Client,
    wake: Callable[[Waiting], None],
    clock: Callable[[], datetime],
) -> Parts:
    """All that the edges work with. Nothing is opened by this."""
    master_key = MasterKey(settings.master_key.get_secret_value())
    vault = Vault(keys=client["vault"]["keys"], master_key=master_key, clock=clock)

    async def create_keys(requests: Sequence[Sequence[str]]) -> Sequence[None]:
        await vault.create([key_id for key_ids in requests for key_id in key_ids])
        return [None] * len(requests)

    staff = build_staff(settings, client=client, public_url=settings.public_url, clock=clock)
    return Parts(
        programme=programme,
        site=_site(settings, programme),
        municipalities=load_municipalities(),
        store=Store(client, wake=wake),
        drafts=DraftStore(client),
        queue=Queue(client),
        mails=Mails(client),
        parked_mails=ParkedMails(client),
        mail_vault=MailVault(client, master_key=master_key, clock=clock),
        access=staff.access,
        entrance=staff.entrance,
        vault=vault,
        create_keys=Together(create_keys).do,
        signer=Signer(
            key=purpose_key(settings.link_secret, "status-link"),
            programme=programme.code,
            public_url=settings.public_url.rstrip("/"),
        ),
        limits=Limits(
            clients=RateLimit(settings.intake_client_limit, clock=time.monotonic),
            everybody=RateLimit(settings.intake_total_limit, clock=time.monotonic),
            drafts=RateLimit(settings.intake_draft_limit, clock=time.monotonic),
            guesses=RateLimit(settings.intake_bad_link_limit, clock=time.monotonic),
            changes=RateLimit(settings.intake_change_limit, clock=time.monotonic),
            all_changes=RateLimit(settings.intake_change_total_limit, clock=time.monotonic),
            alarms=RateLimit(ALARMS, clock=time.monotonic),
        ),
        in_flight=InFlight(),
        proxies=networks(settings.trusted_proxies),
        api_token=settings.intake_api_token,
        request_key=purpose_key(settings.link_secret, "idempotency-key"),
        address_key=purpose_key(settings.link_secret, "address-digest"),
        draft_key=purpose_key(settings.link_secret, "form-draft"),
        form_key=purpose_key(settings.link_secret, "form-token"),
        session_key=purpose_key(settings.link_secret, "status-session"),
        clock=clock,
    )


def _site(settings: IntakeSettings, programme: Programme) -> Site:
    try:
        return Site(
            programme=programme,
            texts=load_texts(HOME, settings.intake_texts),
            home=HOME,
            assets=settings.intake_assets or ASSETS_FOLDER,
        )
    except (AssetsMissingError, TextsError) as error:
        raise SettingsError(str(error)) from None


async def _drain(relay: Relay) -> None:
    """Publish what was just written; what cannot be now, is found in the outboxes at the next start."""
    try:
        async with asyncio.timeout(DRAIN_SECONDS):
            await relay.drain()
    except TimeoutError:
        return


def _now() -> datetime:
    return datetime.now(UTC)
