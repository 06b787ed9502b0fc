// Lets Event Grid send to one event hub.

param eventHubId string
param principalId string

// Built-in role "Azure Event Hubs Data Sender".
var sender = '2b629674-e913-4c01-ae53-ef4638d8f975'
var parts = split(eventHubId, '/')

resource hub 'Microsoft.EventHub/namespaces/eventhubs@2024-01-01' existing = {
  name: '${parts[8]}/${parts[10]}'
}

resource senderRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: hub
  name: guid(hub.id, principalId, sender)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', sender)
  }
}
