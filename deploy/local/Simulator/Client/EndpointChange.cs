namespace MLEvents.Local.Simulator.Client;

/// <summary>A change of an online endpoint.</summary>
/// <param name="Number">The position, starting with 1.</param>
/// <param name="Time">The time in UTC.</param>
/// <param name="Kind"><c>traffic</c>, <c>created</c> or <c>deleted</c>.</param>
/// <param name="Endpoint">The endpoint's name.</param>
/// <param name="Deployment">The deployment that was created or deleted; null for traffic.</param>
/// <param name="Model">The model of the deployment, as <c>name:version</c>; null for traffic.</param>
/// <param name="Traffic">The traffic of the endpoint after the change, in percent by deployment.</param>
public sealed record EndpointChange(long Number, DateTimeOffset Time, string Kind, string Endpoint, string? Deployment, string? Model, IReadOnlyDictionary<string, int> Traffic);
