"""Runs Apache Kafka from its jars as the image apache/kafka does: KAFKA_LOG_DIRS in the environment is log.dirs in its settings."""

import os
import subprocess
from pathlib import Path

PROPERTIES = Path("/tmp/server.properties")  # noqa: S108 - of this container alone
JAVA = ("java", "-XX:+UseSerialGC", "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", "/opt/kafka/libs/*")
NO_PROPERTIES = {"KAFKA_HEAP_OPTS"}


def properties() -> dict[str, str]:
    """Kafka's settings as the environment gives them."""
    return {
        name.removeprefix("KAFKA_").lower().replace("_", "."): value
        for name, value in os.environ.items()
        if name.startswith("KAFKA_") and name not in NO_PROPERTIES
    }


def main() -> None:
    settings = properties()
    PROPERTIES.write_text("".join(f"{name}={value}\n" for name, value in settings.items()), encoding="ascii")
    if not (Path(settings["log.dirs"]) / "meta.properties").exists():
        tool = ("kafka.tools.StorageTool", "format", "--cluster-id", os.environ["CLUSTER_ID"])
        subprocess.run([*JAVA, *tool, "--config", str(PROPERTIES)], check=True)
    heap = os.environ.get("KAFKA_HEAP_OPTS", "").split()
    os.execvp(JAVA[0], [JAVA[0], *heap, *JAVA[1:], "kafka.Kafka", str(PROPERTIES)])  # noqa: S606 - no shell is wanted


if __name__ == "__main__":
    main()
