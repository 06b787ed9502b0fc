// Creates the event subscription of a workspace. Deploy it to the resource group of the workspace:
//   WEBHOOK_KEY=… az deployment group create -g ml -f deploy/event-grid/main.bicep -p deploy/event-grid/main.bicepparam
targetScope = 'resourceGroup'

@description('The Azure ML workspace.')
param workspaceName string

@description('The region of the workspace.')
param location string = resourceGroup().location

@description('Name of the event subscription.')
param subscriptionName string = 'mlevents'

@description('The filter that `mlevents filter RULES --format bicep` prints. The services filter further by the rules.')
param filter {
  includedEventTypes: string[]?
  subjectBeginsWith: string?
  subjectEndsWith: string?
  isSubjectCaseSensitive: bool?
  advancedFilters: object[]?
  enableAdvancedFilteringOnArrays: bool?
}

@description('URL of the ingress, https://HOST/events. Empty if an event hub replaces the webhook.')
param webhookUrl string = ''

@description('The webhook key of the ingress. Required for a webhook without Entra ID.')
@secure()
param webhookKey string = ''

@description('Tenant and application of the ingress, for deliveries with an Entra ID token.')
param entraTenantId string = ''
param entraApplicationIdOrUri string = ''

@description('The resource id of the event hub that replaces the webhook.')
param eventHubId string = ''

@description('The storage account with the container event-grid-dead-letters for undelivered events. Empty: undelivered events are not stored.')
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

// The topic authenticates with its system-assigned identity, so the hub and the storage account need no keys.
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
