import { activityTopic, approvalReaders, approvalRequesters, approvalTopic, eventTopics, subscribers } from '../topics.bicep'

param environmentName string
param brokerName string
param stateUrl string
param vaultName string
param storageName string

@description('Name of the Event Hubs namespace. Empty if there is no event hub.')
param eventHubNamespace string

var apps = concat(['ingress'], subscribers)
var readers = concat(subscribers, ['dashboard'])
var events = join(eventTopics, ',')
var webhookBindings = [
  { name: 'teams', secret: 'teams-webhook-url' }
  { name: 'slack', secret: 'slack-webhook-url' }
  { name: 'webhook', secret: 'generic-webhook-url' }
]

// The caller waits for these retries. They cover only short interruptions, so that the caller gets a failure within seconds.
// The component statestore has no outbound retry, because of bulk writes: if one item had an ETag conflict and another item failed, daprd would retry only the failed item and report success for both.
var brief = {
  httpRetryPolicy: {
    maxRetries: 2
    retryBackOff: { initialDelayInMilliseconds: 200, maxIntervalInMilliseconds: 500 }
  }
}

resource environment 'Microsoft.App/managedEnvironments@2025-01-01' existing = {
  name: environmentName
}

// The sidecars authenticate with the app's system-assigned identity. No component has a client id, a key or a connection string.
resource pubsub 'Microsoft.App/managedEnvironments/daprComponents@2025-01-01' = {
  parent: environment
  name: 'pubsub'
  properties: {
    componentType: 'pubsub.azure.servicebus.topics'
    version: 'v1'
    metadata: [
      { name: 'namespaceName', value: '${brokerName}.servicebus.windows.net' }
      { name: 'disableEntityManagement', value: 'true' }
      { name: 'maxConcurrentHandlers', value: '20' }
      { name: 'maxActiveMessages', value: '100' }
      { name: 'handlerTimeoutInSec', value: '60' }
      { name: 'lockRenewalInSec', value: '20' }
      { name: 'publishingScopes', value: 'ingress=${events},quarantine;${join(map(subscribers, app => '${app}=${activityTopic}${contains(approvalRequesters, app) ? ',${approvalTopic}' : ''},dead-letters'), ';')};dashboard=dead-letters' }
      { name: 'subscriptionScopes', value: 'ingress=quarantine,dead-letters;${join(map(readers, app => '${app}=${events},${activityTopic}${contains(approvalReaders, app) ? ',${approvalTopic}' : ''}'), ';')}' }
    ]
    scopes: concat(apps, ['dashboard'])
  }
}

// Without this policy, a message whose handler asks for a retry is dead-lettered at once.
resource retries 'Microsoft.App/managedEnvironments/daprComponents/resiliencyPolicies@2024-10-02-preview' = {
  parent: pubsub
  name: 'until-success'
  properties: {
    inboundPolicy: {
      httpRetryPolicy: {
        maxRetries: 2147483647
        retryBackOff: { initialDelayInMilliseconds: 2000, maxIntervalInMilliseconds: 5000 }
      }
    }
    outboundPolicy: brief
  }
}

resource statestore 'Microsoft.App/managedEnvironments/daprComponents@2025-01-01' = {
  parent: environment
  name: 'statestore'
  properties: {
    componentType: 'state.azure.cosmosdb'
    version: 'v1'
    metadata: [
      { name: 'url', value: stateUrl }
      { name: 'database', value: 'mlevents' }
      { name: 'collection', value: 'state' }
    ]
    scopes: apps
  }
}

// The ingress writes the keys and the other services read them, so the keys do not start with the app's id.
resource replays 'Microsoft.App/managedEnvironments/daprComponents@2025-01-01' = {
  parent: environment
  name: 'replays'
  properties: {
    componentType: 'state.azure.cosmosdb'
    version: 'v1'
    metadata: [
      { name: 'url', value: stateUrl }
      { name: 'database', value: 'mlevents' }
      { name: 'collection', value: 'state' }
      { name: 'keyPrefix', value: 'name' }
    ]
    scopes: apps
  }
}

resource replayRetries 'Microsoft.App/managedEnvironments/daprComponents/resiliencyPolicies@2024-10-02-preview' = {
  parent: replays
  name: 'brief'
  properties: {
    outboundPolicy: brief
  }
}

// The services read each other's keys, so the keys do not start with the app's id.
resource chains 'Microsoft.App/managedEnvironments/daprComponents@2025-01-01' = {
  parent: environment
  name: 'chains'
  properties: {
    componentType: 'state.azure.cosmosdb'
    version: 'v1'
    metadata: [
      { name: 'url', value: stateUrl }
      { name: 'database', value: 'mlevents' }
      { name: 'collection', value: 'state' }
      { name: 'keyPrefix', value: 'name' }
    ]
    scopes: ['notifier', 'retrainer', 'deployer']
  }
}

resource chainRetries 'Microsoft.App/managedEnvironments/daprComponents/resiliencyPolicies@2024-10-02-preview' = {
  parent: chains
  name: 'brief'
  properties: {
    outboundPolicy: brief
  }
}

resource secretstore 'Microsoft.App/managedEnvironments/daprComponents@2025-01-01' = {
  parent: environment
  name: 'secretstore'
  properties: {
    componentType: 'secretstores.azure.keyvault'
    version: 'v1'
    metadata: [
      { name: 'vaultName', value: vaultName }
    ]
    scopes: ['notifier']
  }
}

resource archive 'Microsoft.App/managedEnvironments/daprComponents@2025-01-01' = {
  parent: environment
  name: 'archive'
  properties: {
    componentType: 'bindings.azure.blobstorage'
    version: 'v1'
    metadata: [
      { name: 'accountName', value: storageName }
      { name: 'containerName', value: 'archive' }
    ]
    scopes: ['notifier']
  }
}

resource archiveRetries 'Microsoft.App/managedEnvironments/daprComponents/resiliencyPolicies@2024-10-02-preview' = {
  parent: archive
  name: 'brief'
  properties: {
    outboundPolicy: brief
  }
}

resource webhooks 'Microsoft.App/managedEnvironments/daprComponents@2025-01-01' = [for binding in webhookBindings: {
  parent: environment
  name: binding.name
  properties: {
    componentType: 'bindings.http'
    version: 'v1'
    secretStoreComponent: secretstore.name
    metadata: [
      { name: 'url', secretRef: binding.secret }
      { name: 'responseTimeout', value: '10s' }
    ]
    scopes: ['notifier']
  }
}]

resource webhookRetries 'Microsoft.App/managedEnvironments/daprComponents/resiliencyPolicies@2024-10-02-preview' = [for (binding, index) in webhookBindings: {
  parent: webhooks[index]
  name: 'brief'
  properties: {
    outboundPolicy: brief
  }
}]

resource eventHub 'Microsoft.App/managedEnvironments/daprComponents@2025-01-01' = if (eventHubNamespace != '') {
  parent: environment
  name: 'event-hub'
  properties: {
    componentType: 'bindings.azure.eventhubs'
    version: 'v1'
    metadata: [
      { name: 'eventHubNamespace', value: eventHubNamespace }
      { name: 'eventHub', value: 'events' }
      { name: 'consumerID', value: 'ingress' }
      { name: 'storageAccountName', value: storageName }
      { name: 'storageContainerName', value: 'event-hub-checkpoints' }
      { name: 'enableInOrderMessageDelivery', value: 'true' }
      { name: 'backOffMaxRetries', value: '-1' }
      { name: 'direction', value: 'input' }
      { name: 'route', value: '/event-hub' }
    ]
    scopes: ['ingress']
  }
}

// The binding writes its checkpoint even after a failure, so the retries must not end before the service accepts the event.
resource eventHubRetries 'Microsoft.App/managedEnvironments/daprComponents/resiliencyPolicies@2024-10-02-preview' = if (eventHubNamespace != '') {
  parent: eventHub
  name: 'until-success'
  properties: {
    inboundPolicy: {
      httpRetryPolicy: {
        maxRetries: 2147483647
        retryBackOff: { initialDelayInMilliseconds: 2000, maxIntervalInMilliseconds: 5000 }
      }
    }
  }
}
