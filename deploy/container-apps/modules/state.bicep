param name string
param location string

@description('The subnet of the apps.')
param subnetId string

resource account 'Microsoft.DocumentDB/databaseAccounts@2024-11-15' = {
  name: name
  location: location
  kind: 'GlobalDocumentDB'
  properties: {
    databaseAccountOfferType: 'Standard'
    disableLocalAuth: true
    minimalTlsVersion: 'Tls12'
    isVirtualNetworkFilterEnabled: true
    virtualNetworkRules: [{ id: subnetId }]
    capabilities: [{ name: 'EnableServerless' }]
    // All replicas must read the latest ETags, because the ledger's leases depend on them.
    consistencyPolicy: { defaultConsistencyLevel: 'Strong' }
    locations: [{ locationName: location, failoverPriority: 0 }]
  }
}

resource database 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases@2024-11-15' = {
  parent: account
  name: 'mlevents'
  properties: { resource: { id: 'mlevents' } }
}

resource container 'Microsoft.DocumentDB/databaseAccounts/sqlDatabases/containers@2024-11-15' = {
  parent: database
  name: 'state'
  properties: {
    resource: {
      id: 'state'
      partitionKey: { paths: ['/partitionKey'], kind: 'Hash' }
      // TTL is enabled without a default. An item expires only if it sets its own TTL.
      defaultTtl: -1
    }
  }
}

output name string = account.name
output url string = account.properties.documentEndpoint
