"""The command `forloeb` for services that a test kills: Kafka misses them sooner, so that others wait less for their partitions."""

from services.cli import main
from shared import subscribing

SESSION_TIMEOUT_MS = 6_000
"""Twice the heartbeat."""

if __name__ == "__main__":
    subscribing.SESSION_TIMEOUT_MS = SESSION_TIMEOUT_MS
    main()
