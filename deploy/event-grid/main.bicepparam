using 'main.bicep'

param workspaceName = 'ml'
param webhookUrl = 'https://mlevents.example.org/events'
param webhookKey = readEnvironmentVariable('WEBHOOK_KEY')

// The filter of the sample rules. For other rules: dotnet run --project tools/Cli -- filter RULES --format bicep
param filter = {
  includedEventTypes: [
    'Microsoft.MachineLearningServices.DatasetDriftDetected'
    'Microsoft.MachineLearningServices.ModelDeployed'
    'Microsoft.MachineLearningServices.ModelRegistered'
    'Microsoft.MachineLearningServices.RunCompleted'
    'Microsoft.MachineLearningServices.RunStatusChanged'
  ]
}
