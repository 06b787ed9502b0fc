#!/usr/bin/env bash
# Registers the providers and subscribes the services to a workspace's events, with az.
#   WEBHOOK_KEY=… deploy/event-grid/subscribe.sh webhook  WORKSPACE_ID https://HOST/events
#   WEBHOOK_KEY=… deploy/event-grid/subscribe.sh entra    WORKSPACE_ID https://HOST/events TENANT_ID APPLICATION_ID_OR_URI
#                 deploy/event-grid/subscribe.sh eventhub WORKSPACE_ID EVENT_HUB_ID
# DEAD_LETTER_CONTAINER, if set, is the id of the blob container that takes what could not be delivered.
# ADVANCED_FILTER, if set, holds one filter, for instance 'data.modelTags.stage StringIn production'.
set -euo pipefail

usage() { sed -n '2,7s/^# \{0,1\}//p' "$0" >&2; exit 2; }
[ $# -ge 3 ] || usage
kind=$1 workspace=$2 target=$3

arguments=(
  --name "${SUBSCRIPTION_NAME:-mlevents}"
  --source-resource-id "$workspace"
  --event-delivery-schema eventgridschema
  --included-event-types
  Microsoft.MachineLearningServices.ModelRegistered
  Microsoft.MachineLearningServices.ModelDeployed
  Microsoft.MachineLearningServices.RunCompleted
  Microsoft.MachineLearningServices.RunStatusChanged
  Microsoft.MachineLearningServices.DatasetDriftDetected
  --max-delivery-attempts 30
  --event-ttl 1440
)

case $kind in
  webhook | entra)
    : "${WEBHOOK_KEY:?set WEBHOOK_KEY to the key that the ingress accepts}"
    arguments+=(--endpoint-type webhook --endpoint "$target?code=$WEBHOOK_KEY" --max-events-per-batch 10 --preferred-batch-size-in-kilobytes 64)
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
if [ -n "${ADVANCED_FILTER:-}" ]; then
  read -r -a filter <<<"$ADVANCED_FILTER"
  arguments+=(--advanced-filter "${filter[@]}")
fi

# Both were off in subscriptions that registered them before events came; registering again harms nothing.
az provider register --namespace Microsoft.EventGrid --wait
az provider register --namespace Microsoft.MachineLearningServices --wait
az eventgrid event-subscription create "${arguments[@]}"
