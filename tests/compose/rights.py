"""Whether the database lets each service do what it must, and nothing else: tried out from inside the services' containers."""

import json

from deploy.local.services import SERVICES
from tests.compose.system import ComposeSystem

PROBE_SECONDS = 60
# Runs in the container, with the address that the service itself uses. An update that fits no document still needs the right.
PROBE = """
import json, os
from pymongo import MongoClient
from pymongo.errors import OperationFailure
client = MongoClient(os.environ["FORLOEB_MONGODB"])
tries = {
    "find": lambda rows: rows.find_one({"_id": "nobody"}),
    "update": lambda rows: rows.update_one({"_id": "nobody"}, {"$set": {"a": 1}}),
    "delete": lambda rows: rows.delete_one({"_id": "nobody"}),
}
allowed = []
places = [(name, "probe") for name in ("intake", "scheduler", "notifier", "monitor")]
places += [("vault", "keys"), ("vault", "mail_keys"), ("staff", "sessions"), ("staff", "attempts"), ("admin", "system.users")]
for name, rows in places:
    for what, attempt in tries.items():
        try:
            attempt(client[name][rows])
            allowed.append(f"{what} {name}.{rows}")
        except OperationFailure:
            pass
print(json.dumps(allowed))
"""
KEEPS_MAILS = ("intake",)
READS_VAULT = ("intake", "scheduler", "notifier")


def rights_faults(system: ComposeSystem) -> list[str]:
    """What a service may do beside its own database, the reading of keys and the log-in of staff, or may not do there."""
    faults = []
    for service in SERVICES:
        answer = system.compose("exec", "-T", service, "python", "-c", PROBE, seconds=PROBE_SECONDS)
        allowed = set(json.loads(answer.splitlines()[-1]))
        places = [f"{service}.probe", "staff.sessions", "staff.attempts"]
        expected = {f"{what} {place}" for what in ("find", "update", "delete") for place in places}
        if service in READS_VAULT:
            expected.add("find vault.keys")
        if service in KEEPS_MAILS:
            expected |= {"find vault.mail_keys", "delete vault.mail_keys"}
        faults += [f"{service} may {what} in the database" for what in sorted(allowed - expected)]
        faults += [f"{service} may not {what} in the database" for what in sorted(expected - allowed)]
    return faults
