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
@description('The topics that people read: nothing subscribes to them by itself, so a subscription of their own keeps what arrives.')
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
