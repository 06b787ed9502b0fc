import { eventTopics } from '../topics.bicep'

param name string
param location string
param environmentId string
param image string
param registry string
param pullIdentityId string

@description('The identity that reads the vault secrets of the settings.')
param vaultIdentityId string

@description('Settings without secrets: name and value.')
param settings { name: string, value: string }[]

@description('Secret settings: the setting and the vault secret with its value.')
param secretSettings { name: string, secret: string }[]
param vaultUri string

@description('True for the app that receives the webhook: it scales by requests. Other apps scale by the backlog of their topics.')
param webhook bool
param brokerName string

@description('The storage of the environment that is mounted as the folder of the rules. Empty: the rules of the image.')
param rulesVolume string

param minReplicas int = 2

var backlog = [for topic in eventTopics: {
  name: topic
  custom: {
    type: 'azure-servicebus'
    identity: 'system'
    metadata: {
      namespace: brokerName
      topicName: topic
      subscriptionName: name
      messageCount: '20'
    }
  }
}]

// With several calls at a time, daprd 1.17 can acknowledge an event of the event hub, or a message outside a bulk delivery, that the service never got (docs/decisions/128-one-call-at-a-time.md).
// The ingress gets such events and messages. The other services have only bulk subscriptions and need no limit, unless Delivery__Bulk is false (docs/decisions/134-bulk-deliveries-may-overlap.md).
var oneCallAtATime = webhook || contains(map(settings, setting => toLower('${setting.name}=${setting.value}')), 'delivery__bulk=false')

resource app 'Microsoft.App/containerApps@2026-01-01' = {
  name: name
  location: location
  identity: {
    // The system-assigned identity is for the app's own calls. One user-assigned identity only pulls images. The other one only reads the vault secrets of the settings.
    type: 'SystemAssigned, UserAssigned'
    userAssignedIdentities: { '${pullIdentityId}': {}, '${vaultIdentityId}': {} }
  }
  properties: {
    environmentId: environmentId
    workloadProfileName: 'Consumption'
    configuration: {
      activeRevisionsMode: 'Single'
      registries: [{ server: registry, identity: pullIdentityId }]
      // Without maxConcurrency, the default of daprd applies: no limit.
      dapr: { enabled: true, appId: name, appPort: 8080, appProtocol: 'http', maxConcurrency: oneCallAtATime ? 1 : null, logLevel: 'info' }
      // Internal ingress for operators. Only the route of gateway.bicep is public.
      ingress: { external: false, targetPort: 8080, transport: 'auto', allowInsecure: false }
      secrets: [for setting in secretSettings: {
        name: setting.secret
        keyVaultUrl: '${vaultUri}secrets/${setting.secret}'
        identity: vaultIdentityId
      }]
    }
    template: {
      terminationGracePeriodSeconds: 60
      containers: [
        {
          name: 'service'
          image: image
          resources: { cpu: json('0.25'), memory: '0.5Gi' }
          env: concat(
            map(settings, setting => { name: setting.name, value: setting.value }),
            map(secretSettings, setting => { name: setting.name, secretRef: setting.secret })
          )
          volumeMounts: rulesVolume == '' ? [] : [{ volumeName: 'rules', mountPath: '/app/rules' }]
          probes: [
            { type: 'Startup', httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 1, failureThreshold: 60 }
            { type: 'Liveness', httpGet: { path: '/healthz', port: 8080 }, periodSeconds: 10 }
            { type: 'Readiness', httpGet: { path: '/readyz', port: 8080 }, periodSeconds: 5, timeoutSeconds: 3 }
          ]
        }
      ]
      volumes: rulesVolume == '' ? [] : [{ name: 'rules', storageType: 'AzureFile', storageName: rulesVolume }]
      scale: {
        minReplicas: minReplicas
        maxReplicas: 10
        rules: webhook ? [{ name: 'requests', http: { metadata: { concurrentRequests: '50' } } }] : backlog
      }
    }
  }
}

output principalId string = app.identity.principalId
