"""Makes what cannot be pulled: a Debian base with Python, and stand-ins for Kafka, MongoDB and Mailpit upon it.

Kept by their tags, so that only the first run makes them: `docker image rm` with the tag has one made anew.
"""

import shutil
import subprocess
import tempfile
from pathlib import Path

from deploy.kafka.jars import KafkaUnavailableError, jars
from tests.compose.docker import BUILD_SECONDS, PROJECT, DockerError, can_have, has_image, run

REAL_BASE = "python:3.12-slim-bookworm"
OWN_BASE = "forloeb-test/base:bookworm"
DEBIAN = "bookworm"
PACKAGES = "python3,python3-venv,ca-certificates"
DEBOOTSTRAP_SECONDS = 900
CERTIFICATES = Path("etc/ssl/certs/ca-certificates.crt")
# Not usr/share/man: Java cannot be installed where that is missing.
UNNEEDED = ("var/cache/apt/archives", "var/lib/apt/lists", "usr/share/doc", "usr/share/locale")
HERE = Path(__file__).parent


def base_image() -> str:
    """The base that the Dockerfile names, or where it cannot be had, one made here.

    Raises:
        DockerError: neither can be had.

    """
    if can_have(REAL_BASE):
        return REAL_BASE
    if not has_image(OWN_BASE):
        _make_base()
    return OWN_BASE


def make_stand_in(service: str, *, base: str) -> None:
    """The image that `<service>.stand-in.yml` names in place of that of docker-compose.yml.

    Raises:
        DockerError: it could not be built.

    """
    kind = "kafka" if service == "kafka" else "servers"
    tag = f"forloeb-test/{kind}:1"
    if has_image(tag):
        return
    with tempfile.TemporaryDirectory() as folder:
        context = Path(folder) / kind
        shutil.copytree(HERE / "stand_ins" / kind, context)
        shutil.copy(PROJECT / "locks" / "demo.txt", context)
        if kind == "kafka":
            try:
                shutil.copytree(jars(), context / "jars")
            except KafkaUnavailableError as error:
                raise DockerError(str(error)) from None
        build = ("docker", "build", "--quiet", "--build-arg", f"BASE_IMAGE={base}", "--tag", tag, str(context))
        run(*build, seconds=BUILD_SECONDS)


def _make_base() -> None:
    """Debian's own Python on Debian's smallest system, which also trusts whom this machine trusts."""
    if shutil.which("debootstrap") is None:
        raise DockerError(f"{REAL_BASE} cannot be pulled, and there is no debootstrap to make a base with")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "root"
        run(
            *("debootstrap", "--variant=minbase", f"--include={PACKAGES}", DEBIAN, str(root)),
            seconds=DEBOOTSTRAP_SECONDS,
        )
        for name in UNNEEDED:
            shutil.rmtree(root / name, ignore_errors=True)
        (root / "var/cache/apt/archives/partial").mkdir(parents=True)
        shutil.copy(Path("/") / CERTIFICATES, root / CERTIFICATES)
        skipped = [f"--exclude=./{name}" for name in ("proc", "sys", "dev")]
        packed = subprocess.Popen(["tar", "-C", str(root), *skipped, "-c", "."], stdout=subprocess.PIPE)
        done = subprocess.run(
            ["docker", "import", "-", OWN_BASE], stdin=packed.stdout, capture_output=True, text=True, check=False
        )
        if packed.wait() or done.returncode:
            raise DockerError(f"the base could not be imported: {done.stderr[-500:]}")
