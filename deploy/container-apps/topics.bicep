@export()
@description('The topics of events. Every subscriber reads all of them.')
var eventTopics = [
  'model-registered'
  'model-deployed'
  'run-completed'
  'run-status-changed'
  'dataset-drift-detected'
  'other-events'
]

@export()
@description('The topics of unreadable requests and dropped messages. The ingress stores them for operators.')
var storedTopics = [
  'quarantine'
  'dead-letters'
]

@export()
@description('The topic of the activity of the services. The dashboard and the acting services read it.')
var activityTopic = 'workflow-activity'

@export()
@description('The topic of questions about actions that wait for an approval.')
var approvalTopic = 'approvals'

@export()
@description('The services that read the questions.')
var approvalReaders = [
  'notifier'
  'dashboard'
]

@export()
@description('The services whose actions can need an approval.')
var approvalRequesters = [
  'retrainer'
  'deployer'
]

@export()
@description('The services that act on events. The dashboard subscribes to events too, but does not act on them.')
var subscribers = [
  'notifier'
  'retrainer'
  'deployer'
]
