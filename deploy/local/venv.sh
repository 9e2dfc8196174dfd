#!/bin/sh
# Makes .venv from a lock, or brings it up to date: `venv.sh demo` (what the demo needs) or `venv.sh dev` (the tests' tools, too).
# Does nothing where .venv holds that lock already. What is missing on the machine is told in one sentence.
set -eu
cd "$(dirname "$0")/../.."
lock=$1
log=.venv/install.log
# Debian 12 ships pip 23.0; newer ones only add to what is used here.
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1

stop() {
	printf 'forloeb: %s\n' "$*" >&2
	exit 1
}

has_lock() { cmp -s "locks/$1.txt" ".venv/have-$1.txt"; }
fits() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' >/dev/null 2>&1; }
makes_venv() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; }
seconds() { date +%s; }

choose_python() {
	without_venv=
	for python in python3.13 python3.12 python3.11 python3; do
		fits "$python" || continue
		makes_venv "$python" && return
		without_venv=${without_venv:-$python}
	done
	if [ -n "$without_venv" ]; then
		version=$("$without_venv" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
		stop "Python $version is here without its venv module: install that (Debian and Ubuntu: apt install python$version-venv) and run the command again."
	fi
	found=$(python3 -V 2>/dev/null || echo "no Python 3")
	stop "Python 3.11, 3.12 or 3.13 is needed and $found was found: install one of them and run the command again."
}

# One sentence for the faults that a person can do something about; pip's own last words for the others.
explain_pip() {
	platform=$(.venv/bin/python -c 'import sys, sysconfig; print("Python %d.%d on %s" % (*sys.version_info[:2], sysconfig.get_platform()))')
	if grep -qE 'Retrying \(|NewConnectionError|ConnectTimeout|SSLError|ProxyError' "$log"; then
		stop "the package index cannot be reached: check the network and pip's settings (pip config list), then run the command again; pip's words are in $log."
	fi
	package=$(sed -n 's/^ERROR: No matching distribution found for \([^= ]*\).*/\1/p' "$log" | head -n 1)
	if [ -n "$package" ]; then
		stop "there is no ready-built $package for $platform: use Python 3.11, 3.12 or 3.13 on Linux with glibc (x86_64 or arm64) or on a Mac with Apple silicon."
	fi
	stop "installing failed: $(grep -E '^ERROR' "$log" | tail -n 1 || true) (all of pip's words are in $log)"
}

# pip would compile with one hand. A few packages hold files for other Pythons, which do not compile.
install() {
	.venv/bin/python -m pip install --no-compile --require-hashes --only-binary :all: -r "locks/$1.txt" >"$log" 2>&1 || explain_pip
	.venv/bin/python -m compileall -q -j 0 .venv/lib >/dev/null 2>&1 || true
}

# The look of the public pages, from npm; exit code 3 says that there is neither npm nor the wheel which holds one.
install_assets() {
	code=0
	.venv/bin/python -m deploy.assets.install 2>"$log" || code=$?
	if [ $code = 3 ]; then
		echo "There is no npm here: one comes with the package of locks/node.txt" >&2
		install node
		code=0
		.venv/bin/python -m deploy.assets.install 2>"$log" || code=$?
	fi
	[ $code = 0 ] || stop "$(tail -n 1 "$log" | sed 's/^forloeb: //')"
}

# The project itself, editable and without the network: setuptools comes from the lock.
install_project() {
	.venv/bin/python -m pip install --no-index --no-deps --no-build-isolation -e . >"$log" 2>&1 || explain_pip
	cp pyproject.toml .venv/have-pyproject.toml
}

if [ -e .venv ] && ! fits .venv/bin/python; then
	echo "The .venv of another Python is replaced." >&2
	rm -rf .venv
fi
if ! has_lock "$lock" && ! { [ "$lock" = demo ] && has_lock dev; }; then
	started=$(seconds)
	if [ ! -x .venv/bin/pip ]; then
		choose_python
		echo "Making .venv with $("$python" -V)" >&2
		"$python" -m venv --clear .venv || stop "$python could not make .venv: see the lines above."
	fi
	echo "Installing the $(grep -c '==' "locks/$lock.txt") packages of locks/$lock.txt into .venv; the first time takes a minute or so" >&2
	rm -f ".venv/have-$lock.txt"
	install "$lock"
	install_project
	cp "locks/$lock.txt" ".venv/have-$lock.txt"
	echo "Ready after $(($(seconds) - started)) s" >&2
fi
cmp -s pyproject.toml .venv/have-pyproject.toml || install_project
install_assets
