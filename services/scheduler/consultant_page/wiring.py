"""Puts the consultants' pages together from the service's settings."""

import time

from services.scheduler.consultant_page.link import PAGES, PLAN_FORM, PLAN_SESSION
from services.scheduler.consultant_page.room import CHANGES, GUESSES, ConsultantRoom
from services.scheduler.feed.wiring import feed_signer
from services.scheduler.means import Means
from services.scheduler.settings import SchedulerSettings
from shared.client_address import networks
from shared.rate_limit import RateLimit
from shared.signing import purpose_key
from shared.web.site import Site


def build_room(loaded: SchedulerSettings, *, means: Means, site: Site) -> ConsultantRoom:
    """`site` is the look of the other pages, whose texts and files these have, too."""
    return ConsultantRoom(
        means=means,
        site=site.moved(PAGES),
        signer=means.plan_signer,
        feeds=feed_signer(loaded, means=means),
        session_key=purpose_key(loaded.link_secret, PLAN_SESSION),
        form_key=purpose_key(loaded.link_secret, PLAN_FORM),
        proxies=networks(loaded.trusted_proxies),
        guesses=RateLimit(GUESSES, clock=time.monotonic),
        changes=RateLimit(CHANGES, clock=time.monotonic),
    )
