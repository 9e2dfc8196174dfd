"""Prometheus metrics of the pipeline. Labels are topics, types, collections and codes: never an id, never a person."""

from prometheus_client import Counter, Gauge, Histogram

OUTBOX_PUBLISHED = Counter("forloeb_outbox_published_total", "Events acknowledged by the broker.", ["collection"])
OUTBOX_OLDEST_SECONDS = Gauge(
    "forloeb_outbox_oldest_seconds", "Age of the oldest event that a sweep found unpublished.", ["collection"]
)
RECORDS_HANDLED = Counter(
    "forloeb_records_handled_total", "Records that a consumer has finished with.", ["topic", "type", "outcome"]
)
HANDLE_SECONDS = Histogram("forloeb_handle_seconds", "Time to handle one record, retries included.", ["topic"])
DEAD_LETTERS = Counter("forloeb_dead_letters_total", "Records sent to the dead-letter topic.", ["topic", "reason"])
SEQUENCE_GAPS = Counter("forloeb_sequence_gaps_total", "Events that came with an earlier one missing.", ["topic"])
HOLDING = Gauge("forloeb_holding", "1 while a consumer waits for a dependency that is down.", ["group"])
