#!/bin/sh
# Writes the locks anew from pyproject.toml. dev.txt is resolved first and binds the others, so that all agree.
# The versions that stand in dev.txt are kept; UPGRADE=1 takes the newest that pyproject.toml allows.
set -eu
cd "$(dirname "$0")/.."

compile() {
	.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate \
		--no-header --prerelease=if-necessary-or-explicit pyproject.toml "$@" >/dev/null
}

compile --output-file locks/dev.txt ${UPGRADE:+--upgrade} \
	--group install --group local --group node --group test --group lint --group lock --group bench
# Written from nothing: what has left pyproject.toml must leave these locks, too.
rm -f locks/audit.txt locks/demo.txt locks/node.txt locks/run.txt
compile --constraint locks/dev.txt --output-file locks/demo.txt --group install --group local
compile --constraint locks/dev.txt --output-file locks/run.txt
# Only the groups, not the project: one joins an environment that is there already, one has an environment of its own.
for group in audit node; do
	.venv/bin/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header \
		--constraint locks/dev.txt --output-file "locks/$group.txt" --group "$group" >/dev/null
done
echo "locks/audit.txt, locks/demo.txt, locks/dev.txt, locks/node.txt and locks/run.txt are up to date."
