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
@description('What could not be handled. The ingress keeps it for operators.')
var keptTopics = [
  'quarantine'
  'dead-letters'
]

@export()
@description('What the services did. The dashboard and the services that act read it.')
var activityTopic = 'workflow-activity'

@export()
@description('Questions about actions that wait for an approval.')
var approvalTopic = 'approvals'

@export()
@description('The services that read the questions.')
var approvalReaders = [
  'notifier'
  'dashboard'
]

@export()
@description('The services whose actions can need an approval.')
var askers = [
  'retrainer'
  'deployer'
]

@export()
@description('The services that act on events.')
var subscribers = [
  'notifier'
  'retrainer'
  'deployer'
]
