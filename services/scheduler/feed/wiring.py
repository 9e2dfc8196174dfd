"""Puts the consultants' calendars together from the service's settings."""

from services.scheduler.feed.feed_link import FEED, FeedSigner
from services.scheduler.feed.routes import FeedDesk
from services.scheduler.means import Means
from services.scheduler.settings import SchedulerSettings
from shared.client_address import networks
from shared.signing import purpose_key


def feed_signer(loaded: SchedulerSettings, *, means: Means) -> FeedSigner:
    """Calendars are reached where the consultants' pages are."""
    return FeedSigner(
        key=purpose_key(loaded.link_secret, FEED),
        programme=means.programme.code,
        public_url=loaded.scheduler_public_url or loaded.public_url,
    )


def build_feeds(loaded: SchedulerSettings, *, means: Means) -> FeedDesk:
    return FeedDesk(means=means, signer=feed_signer(loaded, means=means), proxies=networks(loaded.trusted_proxies))
