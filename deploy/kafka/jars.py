"""Apache Kafka's jars: fetched once through Maven, kept under `build/`, and found again by what the pom asks for."""

import hashlib
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

POM = Path(__file__).with_name("pom.xml")
BUILD = Path(__file__).resolve().parents[2] / "build"
JAVA_MIN = 17
FETCH_SECONDS = 600


class KafkaUnavailableError(Exception):
    """Apache Kafka cannot run here; the message says what to install or check."""


def java() -> str:
    """The path of a Java that is new enough.

    Raises:
        KafkaUnavailableError: there is none.

    """
    path = shutil.which("java")
    advice = f"Apache Kafka needs Java {JAVA_MIN} or newer (Debian: apt install default-jre-headless)"
    if path is None:
        raise KafkaUnavailableError(f"{advice}, and there is none")
    words = subprocess.run([path, "-version"], capture_output=True, text=True, check=False).stderr  # noqa: S603 - no input
    version = re.search(r'version "(\d+)', words)
    if version is None or int(version[1]) < JAVA_MIN:
        raise KafkaUnavailableError(f"{advice}, and {path} is another: {words.splitlines()[:1]}")
    return path


def jars() -> Path:
    """The folder with all jars; fetches them when it is asked for the first time, about 43 MB.

    Raises:
        KafkaUnavailableError: Maven is missing, or could not get them.

    """
    folder = BUILD / "kafka-jars" / hashlib.sha256(POM.read_bytes()).hexdigest()[:12]
    if folder.exists():
        return folder
    maven = shutil.which("mvn")
    if maven is None:
        raise KafkaUnavailableError(
            "Apache Kafka is fetched with Maven (Debian: apt install maven), and there is no mvn"
        )
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=folder.parent) as draft:
        _fetch(maven, Path(draft) / "jars")
        try:
            (Path(draft) / "jars").rename(folder)
        except OSError:
            # Another process was quicker with the same jars.
            if not folder.exists():
                raise
    return folder


def _fetch(maven: str, folder: Path) -> None:
    command = [maven, "--batch-mode", "--quiet", "--file", str(POM), "dependency:copy-dependencies"]
    try:
        done = subprocess.run(  # noqa: S603 - only our own paths
            [*command, f"-DoutputDirectory={folder}"],
            capture_output=True,
            text=True,
            check=False,
            timeout=FETCH_SECONDS,
        )
    except subprocess.TimeoutExpired as error:
        raise KafkaUnavailableError(f"Maven did not get Kafka's jars within {FETCH_SECONDS} s") from error
    if done.returncode:
        first = next((line for line in done.stdout.splitlines() if "ERROR" in line), done.stderr.strip())
        raise KafkaUnavailableError(f"Maven could not get Kafka's jars: {first}")
