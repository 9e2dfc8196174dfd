"""What is counted of mail that comes in. Labels are outcomes and codes: never an id, never an address."""

from prometheus_client import Counter, Gauge

REFUSED = Counter(
    "forloeb_mails_in_refused_total", "Mails and recipients that the listener did not take, by code.", ["code"]
)
RECEIVED = Counter("forloeb_mails_in_received_total", "Mails stored, by the way that they came.", ["way"])
DECIDED = Counter("forloeb_mails_in_decided_total", "What became of mails, and why.", ["outcome", "reason"])
REPORTS = Counter(
    "forloeb_mails_in_reports_total",
    "Mails to our return paths that were decided, by what they say of our mail (failed, delayed, none), and why.",
    ["action", "reason"],
)
UNDECIDED_OLDEST_SECONDS = Gauge(
    "forloeb_mails_in_oldest_undecided_seconds", "Age of the oldest mail that nobody has decided about."
)
PARKED = Gauge("forloeb_mails_in_parked", "Mails that wait for staff.")
MAILBOX_READ_SECONDS = Gauge(
    "forloeb_mailbox_read_timestamp_seconds", "When the mailbox was last read to its end (Unix time)."
)
