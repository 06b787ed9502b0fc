#!/usr/bin/env bash
# Creates the tokens with which a service and its sidecar authenticate each other. An existing file stays unchanged.
#   deploy/containers/create-tokens.sh [FILE]     FILE: default deploy/containers/tokens.env
set -euo pipefail
file=${1:-$(cd "$(dirname "$0")" && pwd)/tokens.env}
[ -e "$file" ] && exit 0

random() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
umask 077
printf 'APP_API_TOKEN=%s\nDAPR_API_TOKEN=%s\n' "$(random)" "$(random)" >"$file"
