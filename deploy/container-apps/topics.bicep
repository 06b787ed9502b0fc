@export()
@description('The topics of events; every subscriber reads all of them.')
var eventTopics = [
  'model-registered'
  'model-deployed'
  'run-completed'
  'run-status-changed'
  'dataset-drift-detected'
  'other-events'
]

@export()
@description('What nobody could handle, which the ingress keeps for people; and what was done, which nothing here reads, so that a subscription of its own keeps what arrives.')
var keptTopics = [
  'quarantine'
  'dead-letters'
  'workflow-activity'
]

@export()
@description('The services that read events.')
var subscribers = [
  'notifier'
  'retrainer'
  'deployer'
]
