param name string
param brokerName string

@description('Number of unread messages in one topic that raises the alert.')
param threshold int = 10000

@description('The action group that is notified. Empty: the alert is shown in the portal only.')
param actionGroupId string

resource broker 'Microsoft.ServiceBus/namespaces@2024-01-01' existing = {
  name: brokerName
}

// A full topic refuses messages. Events then stay at Event Grid, and activity stays in the records of the actions. The alert is raised for each topic before it is full.
resource backlog 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: name
  location: 'global'
  properties: {
    description: 'A topic of the broker contains many unread messages: a subscriber does not keep up, or a subscription has no reader.'
    severity: 2
    enabled: true
    scopes: [broker.id]
    evaluationFrequency: 'PT5M'
    windowSize: 'PT15M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          name: 'backlog'
          criterionType: 'StaticThresholdCriterion'
          metricName: 'ActiveMessages'
          dimensions: [{ name: 'EntityName', operator: 'Include', values: ['*'] }]
          operator: 'GreaterThan'
          threshold: threshold
          timeAggregation: 'Average'
        }
      ]
    }
    actions: actionGroupId == '' ? [] : [{ actionGroupId: actionGroupId }]
  }
}
