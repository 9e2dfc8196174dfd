"""Intake of tests/intake_house.py behind a real HTTP server, for browsers: its clock and its store stay in the test's hands."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.local.ports import free_ports
from tests.factories import review_programme
from tests.intake_house import House, house, settings_for
from tests.served_app import served
from tests.staff_accounts import write_staff_file


@asynccontextmanager
async def served_intake(*, mongodb: str, in_review: bool = False) -> AsyncIterator[House]:
    """An intake at `settings.public_url`, with staff, who with `in_review` admit applications. Kafka is away."""
    [port] = free_ports(1)
    with TemporaryDirectory() as folder:
        changes = {
            "FORLOEB_PUBLIC_URL": f"http://127.0.0.1:{port}",
            "FORLOEB_STAFF_FILE": str(write_staff_file(Path(folder) / "accounts")),
        }
        if in_review:
            changes["FORLOEB_PROGRAMME"] = str(review_programme(Path(folder)))
        async with house(settings_for(mongodb=mongodb, **changes)) as intake, served(intake.http._transport.app, port):
            yield intake
