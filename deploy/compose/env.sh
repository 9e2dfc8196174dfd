#!/bin/sh
# Writes .env for docker-compose.yml, with secrets drawn at random; `demo` fills in everything, so that nothing is left to edit.
# Never overwrites one that is there: whoever loses FORLOEB_MASTER_KEY can read no personal data any more.
set -eu
target=${ENV_FILE:-.env}
if [ -e "$target" ]; then
	echo "$target is there already, and stays as it is." >&2
	exit 1
fi
# Hexadecimal: no word can arise by chance that is refused as a known default, and nothing needs escaping in an address.
random_text() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
random_key() { head -c 32 /dev/urandom | base64 | tr -d '\n'; }

umask 077
{
	echo "# Made by make env. Keep it secret, and keep a copy apart from the backups of the database. All settings: docs/settings.md"
	echo "FORLOEB_MASTER_KEY=$(random_key)"
	for name in FORLOEB_LINK_SECRET FORLOEB_STAFF_TOKEN FORLOEB_INTAKE_API_TOKEN; do echo "$name=$(random_text)"; done
	for name in ROOT INTAKE SCHEDULER NOTIFIER MONITOR; do echo "MONGODB_${name}_PASSWORD=$(random_text)"; done
	echo "MONGODB_REPLICA_KEY=$(random_text)"
	echo "GRAFANA_PASSWORD=$(random_text)"
	echo
	if [ "${1:-}" = demo ]; then
		echo "# The demo: mail goes to Mailpit, and everybody on this machine counts as one network."
		echo "COMPOSE_PROFILES=demo"
		echo "FORLOEB_SMTP=smtp://mailpit:1025"
		echo "FORLOEB_SMTP_TLS=starttls"
		echo "FORLOEB_SMTP_CA_FILE=/var/lib/forloeb/mail-tls/ca.pem"
		echo "FORLOEB_INTAKE_CLIENT_LIMIT=1000/10 minutes"
		echo "# No proxy brings the pages of staff under one address."
		echo "FORLOEB_STAFF_ELSEWHERE=/review=http://127.0.0.1:8000,/coordinator=http://127.0.0.1:8001,/messages=http://127.0.0.1:8002"
	else
		echo "# To fill in: the mail server, smtp://host:port, and the address of the public pages, without a slash at the end."
		echo "FORLOEB_SMTP="
		echo "FORLOEB_SMTP_TLS=starttls"
		echo "FORLOEB_SMTP_USER="
		echo "FORLOEB_SMTP_PASSWORD="
		echo "FORLOEB_SMTP_EHLO_NAME="
		echo "FORLOEB_PUBLIC_URL="
	fi
} >"$target"
echo "Wrote $target."
