param name string
param location string

@description('The port of the mail server.')
param mailPort int

var apps = '10.60.0.0/23'

// The apps may call HTTPS services, the broker and the mail server outside the network. The rules support ports and services, but not host names.
// `Outgoing:Hosts` limits the host names that the notifier may call. Azure Firewall can limit the host names for the whole network.
var outgoing = [
  { name: 'https', to: 'Internet', port: 443 }
  { name: 'broker', to: 'ServiceBus', port: 5671 }
  { name: 'event-hub', to: 'EventHub', port: 5671 }
  { name: 'mail', to: 'Internet', port: mailPort }
]

resource rules 'Microsoft.Network/networkSecurityGroups@2024-05-01' = {
  name: name
  location: location
  properties: {
    securityRules: concat([
      {
        name: 'webhook'
        properties: {
          priority: 100
          direction: 'Inbound'
          access: 'Allow'
          protocol: 'Tcp'
          sourceAddressPrefix: 'Internet'
          sourcePortRange: '*'
          destinationAddressPrefix: apps
          destinationPortRange: '443'
        }
      }
      {
        name: 'nothing-else'
        properties: {
          priority: 4000
          direction: 'Outbound'
          access: 'Deny'
          protocol: '*'
          sourceAddressPrefix: '*'
          sourcePortRange: '*'
          destinationAddressPrefix: 'Internet'
          destinationPortRange: '*'
        }
      }
    ], map(outgoing, (rule, index) => {
      name: rule.name
      properties: {
        priority: 100 + index
        direction: 'Outbound'
        access: 'Allow'
        protocol: 'Tcp'
        sourceAddressPrefix: apps
        sourcePortRange: '*'
        destinationAddressPrefix: rule.to
        destinationPortRange: string(rule.port)
      }
    }))
  }
}

// Storage, vault, state store, event hub and a broker of the tier Premium accept calls of the services from this subnet only; see the network rules in their modules.
resource network 'Microsoft.Network/virtualNetworks@2024-05-01' = {
  name: name
  location: location
  properties: {
    addressSpace: { addressPrefixes: ['10.60.0.0/16'] }
    subnets: [
      {
        name: 'apps'
        properties: {
          addressPrefix: apps
          networkSecurityGroup: { id: rules.id }
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
