#!/usr/bin/env bash
# Registers the resource providers and creates the event subscription of a workspace with the Azure CLI.
#   WEBHOOK_KEY=… deploy/event-grid/subscribe.sh webhook  WORKSPACE_ID https://HOST/events
#                 deploy/event-grid/subscribe.sh entra    WORKSPACE_ID https://HOST/events TENANT_ID APPLICATION_ID_OR_URI
#                 deploy/event-grid/subscribe.sh eventhub WORKSPACE_ID EVENT_HUB_ID
# For `entra`, deploy/event-grid/entra.sh registers the application; with WEBHOOK_KEY, the URL also contains the key (Ingress:Authentication KeyAndToken).
# DEAD_LETTER_CONTAINER (optional): the id of the blob container for undelivered events.
# RULES (optional): the rules folder, by default the sample rules. Event Grid delivers only the events that a rule selects (`mlevents filter`).
# WAKE (optional): if set, Event Grid also delivers the events that let a retraining continue before its next poll.
set -euo pipefail

usage() { sed -n '2,9s/^# \{0,1\}//p' "$0" >&2; exit 2; }
[ $# -ge 3 ] || usage
kind=$1 workspace=$2 target=$3
root=$(cd "$(dirname "$0")/../.." && pwd)

mlevents() {
  if type -P mlevents >/dev/null; then command mlevents "$@"; else dotnet run --project "$root/tools/Cli" -- "$@"; fi
}

# Percent-encodes a string for the query of a URL.
encoded() {
  local LC_ALL=C character rest=$1
  while [ -n "$rest" ]; do
    character=${rest:0:1} rest=${rest:1}
    case $character in [A-Za-z0-9._~-]) printf '%s' "$character" ;; *) printf '%%%02X' "'$character" ;; esac
  done
}

# The output is quoted for a shell.
printed=$(mlevents filter "${RULES:-$root/rules}" ${WAKE:+--wake} --format az)
eval "filter=($printed)"

arguments=(
  --name "${SUBSCRIPTION_NAME:-mlevents}"
  --source-resource-id "$workspace"
  --event-delivery-schema eventgridschema
  "${filter[@]}"
  --max-delivery-attempts 30
  --event-ttl 1440
)

case $kind in
  webhook | entra)
    [ "$kind" = entra ] || : "${WEBHOOK_KEY:?set WEBHOOK_KEY to the key that the ingress accepts}"
    arguments+=(--endpoint-type webhook --endpoint "$target${WEBHOOK_KEY:+?code=$(encoded "$WEBHOOK_KEY")}" --max-events-per-batch 10 --preferred-batch-size-in-kilobytes 64)
    if [ "$kind" = entra ]; then
      [ $# -eq 5 ] || usage
      arguments+=(--azure-active-directory-tenant-id "$4" --azure-active-directory-application-id-or-uri "$5")
    fi
    ;;
  eventhub) arguments+=(--endpoint-type eventhub --endpoint "$target") ;;
  *) usage ;;
esac

if [ -n "${DEAD_LETTER_CONTAINER:-}" ]; then
  arguments+=(--deadletter-endpoint "$DEAD_LETTER_CONTAINER")
fi

# Registration is idempotent.
az provider register --namespace Microsoft.EventGrid --wait
az provider register --namespace Microsoft.MachineLearningServices --wait
az eventgrid event-subscription create "${arguments[@]}"
