// A file share with the rules. The apps that read rules mount it, and reload rules that change.

param name string
param location string
param subnetId string
param environmentName string

resource account 'Microsoft.Storage/storageAccounts@2024-01-01' = {
  name: name
  location: location
  kind: 'StorageV2'
  sku: { name: 'Standard_ZRS' }
  properties: {
    minimumTlsVersion: 'TLS1_2'
    allowBlobPublicAccess: false
    // Container Apps mounts a share with the key of its account, so the share has its own account.
    allowSharedKeyAccess: true
    networkAcls: { defaultAction: 'Deny', bypass: 'AzureServices', virtualNetworkRules: [{ id: subnetId }] }
  }
}

resource files 'Microsoft.Storage/storageAccounts/fileServices@2024-01-01' = {
  parent: account
  name: 'default'
}

resource share 'Microsoft.Storage/storageAccounts/fileServices/shares@2024-01-01' = {
  parent: files
  name: 'rules'
  properties: { shareQuota: 1 }
}

resource environment 'Microsoft.App/managedEnvironments@2025-01-01' existing = {
  name: environmentName
}

resource mount 'Microsoft.App/managedEnvironments/storages@2025-01-01' = {
  parent: environment
  name: 'rules'
  properties: {
    azureFile: { accountName: account.name, accountKey: account.listKeys().keys[0].value, shareName: share.name, accessMode: 'ReadOnly' }
  }
}

output volume string = mount.name
