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
for name in ("intake", "scheduler", "notifier", "monitor", "vault"):
    for what, attempt in tries.items():
        try:
            attempt(client[name]["keys" if name == "vault" else "probe"])
            allowed.append(f"{what} {name}")
        except OperationFailure:
            pass
print(json.dumps(allowed))
"""
READS_VAULT = ("intake", "scheduler", "notifier")


def rights_faults(system: ComposeSystem) -> list[str]:
    """What a service may do beside its own database and the reading of keys, or may not do there."""
    faults = []
    for service in SERVICES:
        answer = system.compose("exec", "-T", service, "python", "-c", PROBE, seconds=PROBE_SECONDS)
        allowed = set(json.loads(answer.splitlines()[-1]))
        expected = {f"{what} {service}" for what in ("find", "update", "delete")}
        if service in READS_VAULT:
            expected.add("find vault")
        faults += [f"{service} may {what} in the database" for what in sorted(allowed - expected)]
        faults += [f"{service} may not {what} in the database" for what in sorted(expected - allowed)]
    return faults
