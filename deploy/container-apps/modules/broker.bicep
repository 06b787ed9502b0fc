import { activityTopic, approvalReaders, approvalTopic, eventTopics, storedTopics, subscribers } from '../topics.bicep'

param name string
param location string

@description('Standard, or Premium with network rules. Standard does not support network rules, so its namespace is reachable from every network. Entra ID authenticates each call.')
@allowed(['Standard', 'Premium'])
param sku string

@description('The subnet of the apps.')
param subnetId string

@description('Time to live of an unread message.')
param timeToLive string = 'P14D'

@description('Time to live of an unread message about an action.')
param activityTimeToLive string = 'P2D'

// While the state store is unavailable, each message is abandoned once a minute (handlerTimeoutInSec) and delivered again. With one delivery a minute, 2000 deliveries take more than a day.
var maxDeliveryCount = 2000

resource broker 'Microsoft.ServiceBus/namespaces@2024-01-01' = {
  name: name
  location: location
  sku: sku == 'Premium' ? { name: 'Premium', tier: 'Premium', capacity: 1 } : { name: 'Standard', tier: 'Standard' }
  properties: {
    disableLocalAuth: true
    minimumTlsVersion: '1.2'
  }
}

resource networkRules 'Microsoft.ServiceBus/namespaces/networkRuleSets@2024-01-01' = if (sku == 'Premium') {
  parent: broker
  name: 'default'
  properties: {
    defaultAction: 'Deny'
    publicNetworkAccess: 'Enabled'
    trustedServiceAccessEnabled: true
    virtualNetworkRules: [{ subnet: { id: subnetId } }]
  }
}

var readers = concat(subscribers, ['dashboard'])

resource topics 'Microsoft.ServiceBus/namespaces/topics@2024-01-01' = [for topic in concat(eventTopics, storedTopics, [activityTopic, approvalTopic]): {
  parent: broker
  name: topic
  properties: { defaultMessageTimeToLive: timeToLive, maxSizeInMegabytes: 5120 }
}]

resource eventSubscriptions 'Microsoft.ServiceBus/namespaces/topics/subscriptions@2024-01-01' = [for index in range(0, length(eventTopics) * length(readers)): {
  parent: topics[index / length(readers)]
  name: readers[index % length(readers)]
  properties: {
    maxDeliveryCount: maxDeliveryCount
    lockDuration: 'PT1M'
    deadLetteringOnMessageExpiration: true
  }
}]

resource ingressSubscriptions 'Microsoft.ServiceBus/namespaces/topics/subscriptions@2024-01-01' = [for (topic, index) in storedTopics: {
  parent: topics[length(eventTopics) + index]
  name: 'ingress'
  properties: { maxDeliveryCount: maxDeliveryCount, lockDuration: 'PT1M' }
}]

// A full topic refuses all activity. With this time to live, a reader that is down for a long time misses activity, but the topic does not become full.
resource activitySubscriptions 'Microsoft.ServiceBus/namespaces/topics/subscriptions@2024-01-01' = [for reader in readers: {
  parent: topics[length(eventTopics) + length(storedTopics)]
  name: reader
  properties: {
    maxDeliveryCount: maxDeliveryCount
    defaultMessageTimeToLive: activityTimeToLive
    lockDuration: 'PT1M'
  }
}]

resource approvalSubscriptions 'Microsoft.ServiceBus/namespaces/topics/subscriptions@2024-01-01' = [for reader in approvalReaders: {
  parent: topics[length(eventTopics) + length(storedTopics) + 1]
  name: reader
  properties: { maxDeliveryCount: maxDeliveryCount, lockDuration: 'PT1M' }
}]

output name string = broker.name
