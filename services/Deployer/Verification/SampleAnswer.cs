namespace MLEvents.Deployer.Verification;

/// <summary>The answer of a deployment to a sample request.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">The body.</param>
/// <param name="Latency">The time from the request to the end of the answer.</param>
internal sealed record SampleAnswer(int Status, string Body, TimeSpan Latency);
