param name string
param location string

// The services reach storage, vault, state and event hub from this subnet only; see the network rules of their modules.
resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: name
  location: location
  properties: {
    addressSpace: { addressPrefixes: ['10.60.0.0/16'] }
    subnets: [
      {
        name: 'apps'
        properties: {
          addressPrefix: '10.60.0.0/23'
          delegations: [{ name: 'apps', properties: { serviceName: 'Microsoft.App/environments' } }]
          serviceEndpoints: [for service in ['Microsoft.Storage', 'Microsoft.KeyVault', 'Microsoft.AzureCosmosDB', 'Microsoft.EventHub', 'Microsoft.ServiceBus']: { service: service }]
        }
      }
      {
        name: 'database'
        properties: {
          addressPrefix: '10.60.2.0/28'
          delegations: [{ name: 'database', properties: { serviceName: 'Microsoft.DBforPostgreSQL/flexibleServers' } }]
        }
      }
    ]
  }
}

output id string = network.id
output subnetId string = network.properties.subnets[0].id
output databaseSubnetId string = network.properties.subnets[1].id
