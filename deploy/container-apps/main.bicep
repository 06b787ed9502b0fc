// Deploys the services on Azure Container Apps with all the resources they need:
//   az deployment group create -g mlevents -f deploy/container-apps/main.bicep -p deploy/container-apps/main.bicepparam
targetScope = 'resourceGroup'

@description('Prefix of all resource names. Globally unique names get a suffix.')
@minLength(3)
@maxLength(10)
param name string = 'mlevents'
param location string = resourceGroup().location

@description('The container registry in this resource group with the images mlevents/{service}.')
param registryName string

@description('Version of the images.')
param imageTag string = '0.1.0'

@description('Digests of the images by service, as `deploy/containers/pin-images.sh --json` prints them. A service without a digest runs the image that the tag names when the service starts.')
param imageDigests object = {}

@description('The Azure ML workspace and its resource group.')
param workspaceName string
param workspaceResourceGroup string

@description('Let the deployer write autoscale settings, for rules with `deploy.autoscale`. The deployer then has the role Monitoring Contributor on the resource group of the workspace.')
param deployerAutoscale bool = false

@description('The mail server, its port, its user and the sender address.')
param mailHost string
param mailPort int = 587
param mailFrom string
param mailUser string

@description('Also receive events from an event hub.')
param useEventHub bool = false

@description('The tier of Service Bus. Premium adds network rules and messages of up to 1 MB; Standard takes 256 KB.')
@allowed(['Standard', 'Premium'])
param serviceBusSku string = 'Standard'

@description('The action group that alerts notify. Empty: alerts are shown in the portal only.')
param alertActionGroupId string = ''

@secure()
@minLength(16)
param webhookKey string

@description('The token of the operator API. Use another value than webhookKey.')
@secure()
@minLength(16)
param operationsToken string

@description('How senders of events authenticate. For tokens, set webhookApplicationId to the application that `deploy/event-grid/entra.sh webhook` prints.')
@allowed(['Key', 'KeyOrToken', 'KeyAndToken'])
param webhookAuthentication string = 'Key'
param webhookApplicationId string = ''

@description('The application for the tokens of operators, as `deploy/event-grid/entra.sh operators` prints it. Empty: only the static token is accepted.')
param operationsApplicationId string = ''

@description('Whether operators may use the static token.')
param operationsStaticToken bool = true

@secure()
param mailPassword string

@description('The https address at which people reach the dashboard, for its sign-in and for the links in notices. Empty: notices have no link to the dashboard.')
param dashboardAddress string = ''

@description('The password of the administrator of the dashboard\'s PostgreSQL server.')
@secure()
@minLength(16)
param databasePassword string

@description('Mount a file share as the folder of the rules, instead of using the rules of the images.')
param mountRules bool = false

@secure()
param teamsWebhookUrl string

@secure()
param slackWebhookUrl string

@secure()
param genericWebhookUrl string

var suffix = substring(uniqueString(resourceGroup().id), 0, 6)

// ---- infrastructure ----
module logs 'modules/logs.bicep' = {
  params: { name: '${name}-logs', location: location }
}

module network 'modules/network.bicep' = {
  params: { name: '${name}-network', location: location, mailPort: mailPort }
}

module environment 'modules/environment.bicep' = {
  params: { name: name, location: location, logsId: logs.outputs.id, subnetId: network.outputs.subnetId }
}

module broker 'modules/broker.bicep' = {
  params: { name: '${name}-${suffix}', location: location, sku: serviceBusSku, subnetId: network.outputs.subnetId }
}

module backlogAlert 'modules/backlog-alert.bicep' = {
  params: { name: '${name}-backlog', brokerName: broker.outputs.name, actionGroupId: alertActionGroupId }
}

module state 'modules/state.bicep' = {
  params: { name: '${name}-${suffix}', location: location, subnetId: network.outputs.subnetId }
}

module storage 'modules/storage.bicep' = {
  params: { name: '${replace(name, '-', '')}${suffix}', location: location, subnetId: network.outputs.subnetId }
}

module secrets 'modules/secrets.bicep' = {
  params: {
    name: '${name}-${suffix}'
    location: location
    subnetId: network.outputs.subnetId
    webhookKey: webhookKey
    operationsToken: operationsToken
    mailPassword: mailPassword
    teamsWebhookUrl: teamsWebhookUrl
    slackWebhookUrl: slackWebhookUrl
    genericWebhookUrl: genericWebhookUrl
  }
}

module database 'modules/database.bicep' = {
  params: {
    name: '${name}-${suffix}'
    location: location
    networkId: network.outputs.id
    subnetId: network.outputs.databaseSubnetId
    vaultName: secrets.outputs.name
    password: databasePassword
  }
}

module rules 'modules/rules.bicep' = if (mountRules) {
  params: { name: '${replace(name, '-', '')}rules${suffix}', location: location, subnetId: network.outputs.subnetId, environmentName: environment.outputs.name }
}

module eventHub 'modules/event-hub.bicep' = if (useEventHub) {
  params: { name: '${name}-hub-${suffix}', location: location, subnetId: network.outputs.subnetId }
}

module pullIdentity 'modules/pull-identity.bicep' = {
  params: { name: '${name}-pull', location: location, registryName: registryName }
}

// ---- Dapr ----
var eventHubNamespace = useEventHub ? '${name}-hub-${suffix}' : ''

module components 'modules/components.bicep' = {
  params: {
    environmentName: environment.outputs.name
    brokerName: broker.outputs.name
    stateUrl: state.outputs.url
    vaultName: secrets.outputs.name
    storageName: storage.outputs.name
    eventHubNamespace: eventHubNamespace
  }
}

// ---- services ----
var webhookTokens = webhookAuthentication == 'Key' ? [] : [
  { name: 'Ingress__Token__TenantId', value: tenant().tenantId }
  { name: 'Ingress__Token__Audiences__0', value: webhookApplicationId }
]

var operators = operationsApplicationId == '' ? [] : [
  { name: 'Operations__OpenIdConnect__TenantId', value: tenant().tenantId }
  { name: 'Operations__OpenIdConnect__Audiences__0', value: operationsApplicationId }
  { name: 'Operations__OpenIdConnect__ClientId', value: operationsApplicationId }
  { name: 'Operations__OpenIdConnect__Scope', value: 'openid profile ${operationsApplicationId}/.default' }
  { name: 'Operations__StaticToken', value: string(operationsStaticToken) }
]

var services = [
  {
    name: 'ingress'
    // Ingress__MaxMessageBytes is the size of the largest message that the tier of the broker accepts.
    settings: concat([
      { name: 'Ingress__MaxMessageBytes', value: serviceBusSku == 'Premium' ? '1048576' : '262144' }
      { name: 'Ingress__Authentication', value: webhookAuthentication }
    ], webhookTokens)
    secretSettings: [{ name: 'Ingress__Keys__0', secret: 'webhook-key' }]
  }
  {
    name: 'notifier'
    settings: [
      { name: 'Mail__Host', value: mailHost }
      { name: 'Mail__Port', value: string(mailPort) }
      { name: 'Mail__From', value: mailFrom }
      { name: 'Mail__UserName', value: mailUser }
      { name: 'Mail__Security', value: 'StartTls' }
    ]
    secretSettings: [{ name: 'Mail__Password', secret: 'mail-password' }]
  }
  {
    name: 'retrainer'
    settings: [
      { name: 'AzureML__Credential', value: 'ManagedIdentity' }
      { name: 'AzureML__Workspaces__0', value: '${subscription().id}/resourceGroups/*/providers/Microsoft.MachineLearningServices/workspaces/*' }
      { name: 'AzureML__Factories__0', value: '${subscription().id}/resourceGroups/*/providers/Microsoft.DataFactory/factories/*' }
    ]
    secretSettings: []
  }
  {
    name: 'deployer'
    settings: [
      { name: 'AzureML__Credential', value: 'ManagedIdentity' }
      { name: 'AzureML__Workspaces__0', value: '${subscription().id}/resourceGroups/*/providers/Microsoft.MachineLearningServices/workspaces/*' }
      { name: 'AzureML__Factories__0', value: '${subscription().id}/resourceGroups/*/providers/Microsoft.DataFactory/factories/*' }
    ]
    secretSettings: []
  }
  {
    name: 'dashboard'
    settings: []
    secretSettings: [{ name: 'History__PostgreSql', secret: 'dashboard-database' }]
  }
]
var ruleReaders = ['notifier', 'retrainer', 'deployer']

module secretIdentities 'modules/secret-identity.bicep' = [for service in services: {
  name: 'secrets-${service.name}'
  // The module of the database writes one of the secrets, so it must run first.
  dependsOn: [database]
  params: {
    name: '${name}-${service.name}-secrets'
    location: location
    vaultName: secrets.outputs.name
    secretNames: concat(['operations-token'], map(service.secretSettings, setting => setting.secret))
  }
}]

module apps 'modules/app.bicep' = [for (service, index) in services: {
  name: 'app-${service.name}'
  params: {
    name: service.name
    location: location
    environmentId: environment.outputs.id
    image: '${pullIdentity.outputs.registryServer}/mlevents/${service.name}:${imageTag}${contains(imageDigests, service.name) ? '@${imageDigests[service.name]}' : ''}'
    registry: pullIdentity.outputs.registryServer
    pullIdentityId: pullIdentity.outputs.id
    vaultIdentityId: secretIdentities[index].outputs.id
    settings: concat(operators, !empty(dashboardAddress) && contains(['notifier', 'dashboard'], service.name) ? [{ name: 'Dashboard__PublicAddress', value: dashboardAddress }] : [], service.name != 'dashboard' ? service.settings : map(['ingress', 'notifier', 'retrainer', 'deployer'], app => {
      name: 'Dashboard__Services__${app}'
      value: 'https://${app}.internal.${environment.outputs.defaultDomain}'
    }))
    secretSettings: concat([{ name: 'Operations__Token', secret: 'operations-token' }], service.secretSettings)
    vaultUri: secrets.outputs.uri
    webhook: service.name == 'ingress'
    brokerName: broker.outputs.name
    rulesVolume: mountRules && contains(ruleReaders, service.name) ? rules!.outputs.volume : ''
    // No service depends on the dashboard, so it needs only one replica.
    minReplicas: service.name == 'dashboard' ? 1 : 2
  }
  // The sidecar loads its components when it starts, so they must exist before the app.
  dependsOn: [components]
}]

module access 'modules/access.bicep' = [for (service, index) in services: {
  name: 'access-${service.name}'
  params: {
    appName: service.name
    principalId: apps[index].outputs.principalId
    brokerName: broker.outputs.name
    stateName: state.outputs.name
    vaultName: secrets.outputs.name
    storageName: storage.outputs.name
    eventHubNamespace: eventHubNamespace
  }
  dependsOn: useEventHub ? [eventHub] : []
}]

module workspace 'modules/workspace-access.bicep' = [for index in [2, 3]: {
  name: 'workspace-${services[index].name}'
  scope: resourceGroup(workspaceResourceGroup)
  params: { workspaceName: workspaceName, principalId: apps[index].outputs.principalId, appName: services[index].name }
}]

module autoscale 'modules/autoscale-access.bicep' = if (deployerAutoscale) {
  scope: resourceGroup(workspaceResourceGroup)
  params: { principalId: apps[3].outputs.principalId, appName: services[3].name }
}

module gateway 'modules/gateway.bicep' = {
  params: { environmentName: environment.outputs.name }
  dependsOn: [apps]
}

@description('The endpoint for deploy/event-grid. Append ?code= and the webhook key.')
output webhook string = gateway.outputs.webhook
output deadLetterStorageId string = storage.outputs.id
