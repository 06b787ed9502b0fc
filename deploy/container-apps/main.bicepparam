using 'main.bicep'

param registryName = 'mleventsregistry'
// The output of: deploy/containers/pin-images.sh --json mleventsregistry.azurecr.io/mlevents 0.1.0 ingress notifier retrainer deployer dashboard
param imageDigests = json(readEnvironmentVariable('MLEVENTS_IMAGE_DIGESTS', '{}'))
param workspaceName = 'ml'
param workspaceResourceGroup = 'ml'
param mailHost = 'smtp.example.org'
param mailFrom = 'ml-alerts@example.org'
param mailUser = 'ml-alerts'
param webhookKey = readEnvironmentVariable('MLEVENTS_WEBHOOK_KEY')
param operationsToken = readEnvironmentVariable('MLEVENTS_OPERATIONS_TOKEN')
param mailPassword = readEnvironmentVariable('MLEVENTS_MAIL_PASSWORD')
param databasePassword = readEnvironmentVariable('MLEVENTS_DATABASE_PASSWORD')
param teamsWebhookUrl = readEnvironmentVariable('TEAMS_WEBHOOK_URL')
param slackWebhookUrl = readEnvironmentVariable('SLACK_WEBHOOK_URL')
param genericWebhookUrl = readEnvironmentVariable('GENERIC_WEBHOOK_URL')
