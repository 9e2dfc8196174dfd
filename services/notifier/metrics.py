"""What the notifier counts. Labels are kinds and outcomes: never an id, never a person."""

from prometheus_client import Counter, Gauge, Histogram

MESSAGES_PLANNED = Counter("forloeb_messages_planned_total", "Messages that were made, by kind.", ["kind"])
ATTEMPTS = Counter("forloeb_mail_attempts_total", "Attempts at handing a mail to the mail server.", ["kind", "outcome"])
BOUNCED = Counter("forloeb_mails_bounced_total", "Mails that came back after they were accepted.", ["kind", "reason"])
SUPPRESSED = Gauge(
    "forloeb_mail_addresses_suppressed", "Addresses that take no mail, and are left alone until staff lift them."
)
ACCEPTED_SECONDS = Histogram(
    "forloeb_mail_accepted_seconds",
    "Time from making a message to its acceptance by the mail server.",
    buckets=(0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15, 60, 300, 3600, 86400),
)
CHANNEL_OPEN = Gauge("forloeb_mail_channel_open", "0 while mail rests because the mail server is in trouble.")
OLDEST_DUE_SECONDS = Gauge("forloeb_mail_oldest_due_seconds", "How late the longest waiting message is.")
LEASES_LOST = Counter("forloeb_mail_leases_lost_total", "Messages whose sender gave no sign of life in time.")
PUT_OFF = Counter(
    "forloeb_mail_put_off_total", "Messages that wait since their recipient's domain gets no more just now."
)
UNREADABLE = Counter("forloeb_mail_unreadable_total", "Messages whose document nobody can read; they are set aside.")
