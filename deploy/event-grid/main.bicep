// Subscribes the services to a workspace's events, in the workspace's resource group:
//   WEBHOOK_KEY=… az deployment group create -g ml -f deploy/event-grid/main.bicep -p deploy/event-grid/main.bicepparam
targetScope = 'resourceGroup'

@description('The Azure ML workspace.')
param workspaceName string

@description('The region of the workspace.')
param location string = resourceGroup().location

@description('Name of the event subscription.')
param subscriptionName string = 'mlevents'

@description('What is sent, as `mlevents filter RULES --format bicep` prints it; the rules decide further.')
param filter {
  includedEventTypes: string[]?
  subjectBeginsWith: string?
  subjectEndsWith: string?
  isSubjectCaseSensitive: bool?
  advancedFilters: object[]?
  enableAdvancedFilteringOnArrays: bool?
}

@description('Address of the ingress, https://HOST/events. Empty for an event hub.')
param webhookUrl string = ''

@description('The key that the ingress accepts; needed for a webhook without Entra ID.')
@secure()
param webhookKey string = ''

@description('Tenant and application of the ingress, for deliveries that carry a token of Entra ID besides.')
param entraTenantId string = ''
param entraApplicationIdOrUri string = ''

@description('The event hub that is sent to instead of a webhook: the id of the hub.')
param eventHubId string = ''

@description('The storage account whose container event-grid-dead-letters takes what could not be delivered; empty for none.')
param deadLetterStorageId string = ''

var entra = entraApplicationIdOrUri == '' ? {} : {
  azureActiveDirectoryTenantId: entraTenantId
  azureActiveDirectoryApplicationIdOrUri: entraApplicationIdOrUri
}

var webhook = {
  endpointType: 'WebHook'
  properties: union(entra, {
    endpointUrl: webhookKey == '' ? webhookUrl : '${webhookUrl}?code=${uriComponent(webhookKey)}'
    maxEventsPerBatch: 10
    preferredBatchSizeInKilobytes: 64
  })
}

var hub = {
  endpointType: 'EventHub'
  properties: { resourceId: eventHubId }
}

resource workspace 'Microsoft.MachineLearningServices/workspaces@2024-10-01' existing = {
  name: workspaceName
}

resource topic 'Microsoft.EventGrid/systemTopics@2025-02-15' = {
  name: '${workspaceName}-events'
  location: location
  identity: { type: 'SystemAssigned' }
  properties: {
    source: workspace.id
    topicType: 'Microsoft.MachineLearningServices.Workspaces'
  }
}

// The topic signs in as itself, so neither the hub nor the storage account needs a key.
module hubAccess 'modules/hub-access.bicep' = if (eventHubId != '') {
  scope: resourceGroup(split(eventHubId, '/')[?2] ?? '', split(eventHubId, '/')[?4] ?? '')
  params: { eventHubId: eventHubId, principalId: topic.identity.principalId }
}

module storageAccess 'modules/storage-access.bicep' = if (deadLetterStorageId != '') {
  scope: resourceGroup(split(deadLetterStorageId, '/')[?2] ?? '', split(deadLetterStorageId, '/')[?4] ?? '')
  params: { storageName: last(split(deadLetterStorageId, '/')), principalId: topic.identity.principalId }
}

resource subscription 'Microsoft.EventGrid/systemTopics/eventSubscriptions@2025-02-15' = {
  parent: topic
  name: subscriptionName
  properties: {
    eventDeliverySchema: 'EventGridSchema'
    destination: eventHubId == '' ? any(webhook) : null
    deliveryWithResourceIdentity: eventHubId == '' ? null : { identity: { type: 'SystemAssigned' }, destination: any(hub) }
    filter: any(filter)
    retryPolicy: { maxDeliveryAttempts: 30, eventTimeToLiveInMinutes: 1440 }
    deadLetterWithResourceIdentity: deadLetterStorageId == '' ? null : {
      identity: { type: 'SystemAssigned' }
      deadLetterDestination: {
        endpointType: 'StorageBlob'
        properties: { resourceId: deadLetterStorageId, blobContainerName: 'event-grid-dead-letters' }
      }
    }
  }
  dependsOn: [hubAccess, storageAccess]
}
