#!/bin/sh
# Looks the packages of the image up among known weaknesses, and lists them in build/sbom.json. Its tools get an environment of
# their own under build/, from locks/audit.txt.
set -eu
cd "$(dirname "$0")/.."
tools=build/audit
if ! cmp -s locks/audit.txt "$tools/have.txt"; then
	python3 -m venv --clear "$tools"
	"$tools/bin/pip" install --quiet --require-hashes --only-binary :all: -r locks/audit.txt
	cp locks/audit.txt "$tools/have.txt"
fi
"$tools/bin/cyclonedx-py" requirements locks/run.txt --output-format JSON --output-file build/sbom.json
echo "build/sbom.json lists $(grep -c '==' locks/run.txt) packages."
# Strict: a package that could not be looked up is no package without weaknesses.
"$tools/bin/pip-audit" --strict --disable-pip --require-hashes --requirement locks/run.txt
