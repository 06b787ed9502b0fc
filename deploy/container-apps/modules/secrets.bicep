param name string
param location string

@description('The subnet of the apps.')
param subnetId string

@secure()
param webhookKey string

@secure()
param operationsToken string

@secure()
param teamsWebhookUrl string

@secure()
param slackWebhookUrl string

@secure()
param genericWebhookUrl string

@secure()
param mailPassword string

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: name
  location: location
  properties: {
    tenantId: subscription().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    enablePurgeProtection: true
    // Container Apps reads the secrets of the apps from the subnet of the apps. Deployments write secrets through Azure Resource Manager.
    networkAcls: { defaultAction: 'Deny', bypass: 'AzureServices', virtualNetworkRules: [{ id: subnetId }] }
  }
}

resource webhook 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = {
  parent: vault
  name: 'webhook-key'
  properties: { value: webhookKey }
}

resource operations 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = {
  parent: vault
  name: 'operations-token'
  properties: { value: operationsToken }
}

resource teams 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = {
  parent: vault
  name: 'teams-webhook-url'
  properties: { value: teamsWebhookUrl }
}

resource slack 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = {
  parent: vault
  name: 'slack-webhook-url'
  properties: { value: slackWebhookUrl }
}

resource generic 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = {
  parent: vault
  name: 'generic-webhook-url'
  properties: { value: genericWebhookUrl }
}

resource mail 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = {
  parent: vault
  name: 'mail-password'
  properties: { value: mailPassword }
}

output name string = vault.name
output uri string = vault.properties.vaultUri
