// The history of the dashboard: PostgreSQL, reachable only from the network of the apps.

param name string
param location string
param networkId string

@description('The subnet that is delegated to PostgreSQL.')
param subnetId string

@description('The vault that gets the connection string as the secret dashboard-database.')
param vaultName string

@secure()
param password string

var user = 'dashboard'

resource zone 'Microsoft.Network/privateDnsZones@2024-06-01' = {
  name: '${name}.private.postgres.database.azure.com'
  location: 'global'
}

resource link 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = {
  parent: zone
  name: 'apps'
  location: 'global'
  properties: { virtualNetwork: { id: networkId }, registrationEnabled: false }
}

resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: name
  location: location
  sku: { name: 'Standard_B1ms', tier: 'Burstable' }
  properties: {
    version: '16'
    administratorLogin: user
    administratorLoginPassword: password
    storage: { storageSizeGB: 32, autoGrow: 'Enabled' }
    backup: { backupRetentionDays: 7, geoRedundantBackup: 'Disabled' }
    network: { delegatedSubnetResourceId: subnetId, privateDnsZoneArmResourceId: zone.id, publicNetworkAccess: 'Disabled' }
  }
  dependsOn: [link]
}

resource database 'Microsoft.DBforPostgreSQL/flexibleServers/databases@2024-08-01' = {
  parent: server
  name: 'dashboard'
}

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' existing = { name: vaultName }

resource connection 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = {
  parent: vault
  name: 'dashboard-database'
  properties: { value: 'Host=${server.properties.fullyQualifiedDomainName};Database=${database.name};Username=${user};Password="${replace(password, '"', '""')}";SSL Mode=VerifyFull' }
}
