// The identity with which one app reads the vault secrets of its settings. It has no other role.

param name string
param location string
param vaultName string

@description('The names of the secrets that the app may read.')
param secretNames string[]

var secretsUser = '4633458b-17de-408a-b874-0445c86b69e6'

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' existing = { name: vaultName }

resource secrets 'Microsoft.KeyVault/vaults/secrets@2024-11-01' existing = [for secret in secretNames: {
  parent: vault
  name: secret
}]

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: name
  location: location
}

resource secretRoles 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for (secret, index) in secretNames: {
  scope: secrets[index]
  name: guid(vault.id, secret, identity.id, secretsUser)
  properties: { principalId: identity.properties.principalId, principalType: 'ServicePrincipal', roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', secretsUser) }
}]

output id string = identity.id
