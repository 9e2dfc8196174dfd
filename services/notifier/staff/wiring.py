"""Puts the notifier's HTTP side together: staff's pages about mails, the same for programs, the log-in."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from fastapi import FastAPI

from services.notifier import course_view, message
from services.notifier.desk import Desk
from services.notifier.settings import NotifierSettings
from services.notifier.staff.api import api_routes
from services.notifier.staff.desk import PAGES, STAFF_FORM, StaffDesk
from services.notifier.staff.message_lists import MessageLists, ViewFacts
from services.notifier.staff.routes import staff_routes
from services.notifier.suppress.store import Suppressions
from shared.health import Health
from shared.http import create_app
from shared.mongo import Database
from shared.outbox import Waiting
from shared.settings import SettingsError
from shared.signing import purpose_key
from shared.staff.error_answers import install_error_pages
from shared.staff.pages import staff_pages
from shared.staff.wiring import StaffSide
from shared.web.site import AssetsMissingError, Site
from shared.web.texts import TextsError, load_texts

HOME = Path(__file__).parents[1]


@dataclass(frozen=True, kw_only=True)
class Publish:
    """Tells the relay of each collection what was written."""

    message: Callable[[Waiting], None]
    view: Callable[[Waiting], None]
    suppression: Callable[[Waiting], None]


def build_app(
    loaded: NotifierSettings,
    *,
    desk: Desk,
    suppressions: Suppressions,
    database: Database,
    staff: StaffSide,
    publish: Publish,
    health: Health,
) -> FastAPI:
    """The HTTP side of the service.

    Raises:
        SettingsError: the look of the pages is not installed.

    """
    try:
        site = Site(programme=desk.programme, texts=load_texts(HOME), home=HOME, below=PAGES)
    except (AssetsMissingError, TextsError) as error:
        raise SettingsError(str(error)) from None
    app = create_app(
        title="Forløb notifier",
        health=health,
        staff_token=loaded.staff_token,
        https_only=loaded.public_url.startswith("https://"),
    )
    site.mount(app)
    install_error_pages(app, site=site)
    staff_pages(app, entrance=staff.entrance, site=site, home=PAGES)
    staff_desk = StaffDesk(
        site=site,
        access=staff.access,
        messages=desk.messages,
        lists=MessageLists(database[message.COLLECTION]),
        view_facts=ViewFacts(database[course_view.COLLECTION]),
        views=desk.views,
        suppressions=suppressions,
        vault=desk.vault,
        programme=desk.programme,
        clock=desk.clock,
        random=os.urandom,
        wake=desk.wake,
        publish_message=publish.message,
        publish_suppression=publish.suppression,
        publish_view=publish.view,
        form_key=purpose_key(loaded.link_secret, STAFF_FORM),
        address_key=desk.address_key,
    )
    app.include_router(staff_routes(staff_desk))
    app.include_router(api_routes(staff_desk))
    return app
