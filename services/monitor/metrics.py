"""What the monitor measures of the others: lag per consumer group and topic, in records and as time."""

from prometheus_client import Counter, Gauge

LAG_RECORDS = Gauge("forloeb_lag_records", "Records that a consumer group has not finished.", ["group", "topic"])
LAG_SECONDS = Gauge(
    "forloeb_lag_seconds", "Age of the oldest record that a consumer group has not finished.", ["group", "topic"]
)
RECORDS_SEEN = Counter("forloeb_monitor_records_total", "Records that the monitor has kept.", ["topic"])
RECORDS_UNKEPT = Counter("forloeb_monitor_unkept_total", "Records that the monitor could not keep.", ["topic"])
CLIENTS = Gauge("forloeb_monitor_clients", "Live pages that are open.")
CLIENTS_DROPPED = Counter("forloeb_monitor_clients_dropped_total", "Live pages that were too slow to follow.")
