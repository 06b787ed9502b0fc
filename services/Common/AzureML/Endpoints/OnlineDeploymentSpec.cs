namespace MLEvents.AzureML;

/// <summary>What a managed online deployment shall be. An MLflow model needs neither environment nor code; other models need both.</summary>
/// <param name="ModelId">ARM id of the model version.</param>
/// <param name="InstanceType">Size of a machine, for example <c>Standard_DS3_v2</c>.</param>
/// <param name="InstanceCount">How many machines, at least 1.</param>
/// <param name="Location">Azure region, that of the endpoint.</param>
/// <param name="EnvironmentId">ARM id of the environment version; none by default.</param>
/// <param name="CodeConfiguration">The scoring code; none by default.</param>
/// <param name="Tags">Tags of the deployment; none by default.</param>
public sealed record OnlineDeploymentSpec(
    string ModelId,
    string InstanceType,
    int InstanceCount,
    string Location,
    string? EnvironmentId = null,
    CodeConfiguration? CodeConfiguration = null,
    IReadOnlyDictionary<string, string>? Tags = null);

/// <summary>The code that answers scoring calls.</summary>
/// <param name="CodeId">ARM id of the code version.</param>
/// <param name="ScoringScript">Name of the script in it, for example <c>score.py</c>.</param>
public sealed record CodeConfiguration(string CodeId, string ScoringScript);
