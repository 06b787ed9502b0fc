@description('What the world outside reaches: the webhook, and nothing else. Not health, not what the sidecar calls, not the routes of operators.')
param environmentName string

resource environment 'Microsoft.App/managedEnvironments@2025-01-01' existing = {
  name: environmentName
}

resource route 'Microsoft.App/managedEnvironments/httpRouteConfigs@2025-07-01' = {
  parent: environment
  name: 'webhook'
  properties: {
    rules: [
      {
        description: 'Event Grid: its events, and both of its handshakes.'
        routes: [{ match: { path: '/events', caseSensitive: true } }]
        targets: [{ containerApp: 'ingress' }]
      }
    ]
  }
}

output webhook string = 'https://${route.properties.fqdn}/events'
