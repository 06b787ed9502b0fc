// Lets the deployer write autoscale settings, which are in the resource group of the workspace.

param principalId string
param appName string

// The built-in role "Monitoring Contributor". No built-in role is limited to autoscale settings.
var monitoringContributor = '749f88d5-cbae-40b8-bcfc-e573ddc772fa'

resource monitoringRole 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(resourceGroup().id, appName, monitoringContributor)
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', monitoringContributor)
  }
}
