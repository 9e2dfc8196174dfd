#!/bin/sh
# Writes the four locks anew from pyproject.toml. dev.txt is resolved first and binds the others, so that all four agree.
# The versions that stand in dev.txt are kept; UPGRADE=1 takes the newest that pyproject.toml allows.
set -eu
cd "$(dirname "$0")/.."

compile() {
	.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
		--no-header --prerelease=if-necessary-or-explicit pyproject.toml "$@" >/dev/null
}

compile --output-file locks/dev.txt ${UPGRADE:+--upgrade} \
	--group install --group local --group node --group test --group lint --group lock
# Written from nothing: what has left pyproject.toml must leave these locks, too.
rm -f locks/demo.txt locks/node.txt locks/run.txt
compile --constraint locks/dev.txt --output-file locks/demo.txt --group install --group local
compile --constraint locks/dev.txt --output-file locks/run.txt
# Only the group, not the project: it joins an environment that is there already.
.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
	--constraint locks/dev.txt --output-file locks/node.txt --group node >/dev/null
echo "locks/dev.txt, locks/demo.txt, locks/node.txt and locks/run.txt are up to date."
