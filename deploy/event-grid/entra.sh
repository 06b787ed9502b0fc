#!/usr/bin/env bash
# Registers the applications of Microsoft Entra ID for which the services accept tokens, and prints the settings.
#   deploy/event-grid/entra.sh webhook            the application of the webhook: Event Grid gets tokens for it
#   deploy/event-grid/entra.sh operators [URL]    the application of the operator APIs, mlevents login and the dashboard at URL
# Requires the Azure CLI with a user who may register applications and assign roles in the tenant. A second run with the same arguments changes nothing.
set -euo pipefail

usage() { sed -n '2,5s/^# \{0,1\}//p' "$0" >&2; exit 2; }
kind=${1:-}
[ "$kind" = webhook ] || [ "$kind" = operators ] || usage

graph() { az rest --only-show-errors --resource https://graph.microsoft.com --method "$1" --url "https://graph.microsoft.com/v1.0/$2" "${@:3}"; }

# Prints the id of the application with a display name, and creates it if there is none.
application() {
  local found
  found=$(az ad app list --display-name "$1" --query '[0].appId' --output tsv)
  [ -n "$found" ] || found=$(az ad app create --display-name "$1" --sign-in-audience AzureADMyOrg --query appId --output tsv)
  echo "$found"
}

# Prints the object id of the service principal of an application, and creates it if there is none.
principal() {
  local found
  found=$(az ad sp list --filter "appId eq '$1'" --query '[0].id' --output tsv)
  [ -n "$found" ] || found=$(az ad sp create --id "$1" --query id --output tsv)
  echo "$found"
}

# Prints a stable id for a role of an application. The ids must not change in a second run.
role_id() { printf '%s' "$1/$2" | sha256sum | sed -E 's/^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*/\1-\2-4\3-8\4-\5/'; }

role() { printf '{"id":"%s","allowedMemberTypes":["Application","User"],"displayName":"%s","description":"%s","value":"%s","isEnabled":true}' "$(role_id "$1" "$2")" "$2" "$3" "$2"; }

# Assigns the role $1 of the service principal $2 to the principal $3.
assign() {
  local assigned
  assigned=$(graph get "servicePrincipals/$2/appRoleAssignedTo" --query "value[?principalId=='$3' && appRoleId=='$1'].id" --output tsv)
  [ -n "$assigned" ] || graph post "servicePrincipals/$2/appRoleAssignedTo" --body "{\"principalId\":\"$3\",\"resourceId\":\"$2\",\"appRoleId\":\"$1\"}" --output none
}

tenant=$(az account show --query tenantId --output tsv)
user=$(az ad signed-in-user show --query id --output tsv)

if [ "$kind" = webhook ]; then
  case $(az cloud show --query name --output tsv) in
    AzureCloud) cloud=AzurePublicCloud event_grid=4962773b-9cdb-44cf-a8bf-237846a00ab7 ;;
    AzureUSGovernment) cloud=AzureUSGovernment event_grid=54316b56-3481-47f9-8f30-0300f5542a7b ;;
    AzureChinaCloud) cloud=AzureChinaCloud event_grid=${EVENT_GRID_APPLICATION:?"the application id of Event Grid in AzureChinaCloud is not built in; set EVENT_GRID_APPLICATION to it"} ;;
    *) echo "the cloud of az (az cloud show) must be AzureCloud, AzureUSGovernment or AzureChinaCloud" >&2; exit 1 ;;
  esac
  app=$(application "${APPLICATION_NAME:-mlevents-webhook}")
  required=AzureEventGridSecureWebhookSubscriber
  az ad app update --id "$app" --app-roles "[$(role "$app" "$required" 'Sends events to the webhook')]"
  resource=$(principal "$app")
  assign "$(role_id "$app" "$required")" "$resource" "$(principal "$event_grid")"
  # Event Grid also checks the role of the user who creates the subscription.
  assign "$(role_id "$app" "$required")" "$resource" "$user"
  printf '%s\n' "Ingress__Authentication=${AUTHENTICATION:-KeyAndToken}" "Ingress__Token__TenantId=$tenant" "Ingress__Token__Cloud=$cloud" "Ingress__Token__Audiences__0=$app"
else
  app=$(application "${APPLICATION_NAME:-mlevents-operators}")
  az ad app update --id "$app" --app-roles "[$(role "$app" MLEvents.Reader 'Reads events and actions'),$(role "$app" MLEvents.Operator 'Retries, cancels and replays'),$(role "$app" MLEvents.Approver 'Approves actions')]" \
    --is-fallback-public-client true ${2:+--web-redirect-uris "${2%/}/signin-oidc"}
  resource=$(principal "$app")
  for name in MLEvents.Reader MLEvents.Operator MLEvents.Approver; do
    assign "$(role_id "$app" "$name")" "$resource" "$user"
  done
  printf '%s\n' "Operations__OpenIdConnect__TenantId=$tenant" "Operations__OpenIdConnect__Audiences__0=$app" "Operations__OpenIdConnect__ClientId=$app" "Operations__OpenIdConnect__Scope=openid profile $app/.default"
fi
