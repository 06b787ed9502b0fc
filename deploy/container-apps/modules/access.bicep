// The role assignments of one app.
import { activityTopic, approvalReaders, approvalRequesters, approvalTopic, eventTopics } from '../topics.bicep'

param appName string
param principalId string
param brokerName string
param stateName string
param vaultName string
param storageName string

@description('Name of the Event Hubs namespace. Empty if there is no event hub.')
param eventHubNamespace string

var role = {
  busSender: '69a216fc-b8fb-44d8-bc22-1f3c2cd27a39'
  busReceiver: '4f6d3b9b-027b-4f4c-9142-0e5a2a2247e0'
  secretsUser: '4633458b-17de-408a-b874-0445c86b69e6'
  blobContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe'
  hubReceiver: 'a638d3c7-ab3a-418d-83e6-5f17a39d4fde'
}

// The Cosmos DB role "Built-in Data Contributor": reads and writes items, but cannot manage the account.
var dataContributor = '00000000-0000-0000-0000-000000000002'
var readsEventHub = appName == 'ingress' && eventHubNamespace != ''

resource broker 'Microsoft.ServiceBus/namespaces@2024-01-01' existing = { name: brokerName }

// The topics are the same as in the publishing and subscription scopes of the component 'pubsub'.
var isDashboard = appName == 'dashboard'
var sendTopics = appName == 'ingress' ? concat(eventTopics, ['quarantine']) : isDashboard ? ['dead-letters'] : concat([activityTopic, 'dead-letters'], contains(approvalRequesters, appName) ? [approvalTopic] : [])
var receiveTopics = appName == 'ingress' ? ['quarantine', 'dead-letters'] : concat(eventTopics, [activityTopic], contains(approvalReaders, appName) ? [approvalTopic] : [])
resource sendTo 'Microsoft.ServiceBus/namespaces/topics@2024-01-01' existing = [for topic in sendTopics: {
  parent: broker
  name: topic
}]
resource receiveFrom 'Microsoft.ServiceBus/namespaces/topics@2024-01-01' existing = [for topic in receiveTopics: {
  parent: broker
  name: topic
}]

resource state 'Microsoft.DocumentDB/databaseAccounts@2024-11-15' existing = { name: stateName }
resource vault 'Microsoft.KeyVault/vaults@2024-11-01' existing = { name: vaultName }
var webhookSecrets = appName == 'notifier' ? ['teams-webhook-url', 'slack-webhook-url', 'generic-webhook-url'] : []
resource webhookSecret 'Microsoft.KeyVault/vaults/secrets@2024-11-01' existing = [for secret in webhookSecrets: {
  parent: vault
  name: secret
}]
// The blob container that the app uses: the notifier uses the archive, and the ingress the checkpoints of the event hub. The other apps use none.
var blobContainer = appName == 'notifier' ? 'archive' : 'event-hub-checkpoints'
resource container 'Microsoft.Storage/storageAccounts/blobServices/containers@2024-01-01' existing = { name: '${storageName}/default/${blobContainer}' }
resource hub 'Microsoft.EventHub/namespaces/eventhubs@2024-01-01' existing = if (readsEventHub) { name: readsEventHub ? '${eventHubNamespace}/events' : 'none/none' }

resource senderRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for (topic, index) in sendTopics: {
  scope: sendTo[index]
  name: guid(broker.id, topic, appName, role.busSender)
  properties: { principalId: principalId, principalType: 'ServicePrincipal', roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.busSender) }
}]

resource receiverRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for (topic, index) in receiveTopics: {
  scope: receiveFrom[index]
  name: guid(broker.id, topic, appName, role.busReceiver)
  properties: { principalId: principalId, principalType: 'ServicePrincipal', roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.busReceiver) }
}]

// The dashboard has its own database.
resource stateRole 'Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments@2024-11-15' = if (!isDashboard) {
  parent: state
  name: guid(state.id, 'state', appName, dataContributor)
  properties: {
    principalId: principalId
    roleDefinitionId: '${state.id}/sqlRoleDefinitions/${dataContributor}'
    scope: '${state.id}/dbs/mlevents/colls/state'
  }
}

resource secretRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for (secret, index) in webhookSecrets: {
  scope: webhookSecret[index]
  name: guid(vault.id, secret, appName, role.secretsUser)
  properties: { principalId: principalId, principalType: 'ServicePrincipal', roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.secretsUser) }
}]

resource blobRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (appName == 'notifier' || readsEventHub) {
  scope: container
  name: guid(storageName, blobContainer, appName, role.blobContributor)
  properties: { principalId: principalId, principalType: 'ServicePrincipal', roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.blobContributor) }
}

resource eventHubRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (readsEventHub) {
  scope: hub
  name: guid(eventHubNamespace, 'events', appName, role.hubReceiver)
  properties: { principalId: principalId, principalType: 'ServicePrincipal', roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role.hubReceiver) }
}
