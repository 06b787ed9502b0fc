// The public route: the webhook only. Health, sidecar and operator routes are not public.

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
        description: 'Event Grid: events and both validation handshakes.'
        routes: [{ match: { path: '/events', caseSensitive: true } }]
        targets: [{ containerApp: 'ingress' }]
      }
    ]
  }
}

output webhook string = 'https://${route.properties.fqdn}/events'
