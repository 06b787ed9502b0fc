using Azure.Core;

using MLEvents.AzureML.Errors;

namespace MLEvents.AzureML.Scoring;

/// <summary>Sends scoring requests to online endpoints. No result, log, trace or error contains the endpoint's key or token.</summary>
public interface IScoring
{
    /// <summary>Sends a request. Every answer of the endpoint is a result, even with an error status. After an answer 401 or 403, the request is sent once more with a new key or token.</summary>
    /// <param name="workspace">ARM id of the workspace.</param>
    /// <param name="endpoint">The endpoint. The request goes to its scoring address if the settings allow the host.</param>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Cancels the call.</param>
    /// <exception cref="AzureException">
    /// The endpoint does not exist (404), it has no scoring address yet, its host is not allowed (<see cref="AzureException.NotAllowedCode"/>),
    /// Azure did not return the key or token, or the endpoint did not answer (<see cref="AzureException.NetworkCode"/>, <see cref="AzureException.TimeoutCode"/>).
    /// </exception>
    Task<ScoringResult> ScoreAsync(ResourceIdentifier workspace, string endpoint, ScoringRequest request, CancellationToken cancellationToken);
}

/// <summary>A scoring request.</summary>
/// <param name="Body">The body, usually JSON.</param>
/// <param name="Deployment">The deployment that answers (header <c>azureml-model-deployment</c>); <see langword="null"/> if the endpoint selects it by the shares of the traffic.</param>
public sealed record ScoringRequest(string Body, string? Deployment = null)
{
    /// <summary>The type of the body. Default <c>application/json</c>.</summary>
    public string ContentType { get; init; } = "application/json";

    /// <summary>The time within which the answer to each sent request must be read. Default <see cref="AzureMLOptions.ScoringTimeout"/>.</summary>
    public TimeSpan? Timeout { get; init; }
}

/// <summary>The answer to a scoring request.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">The body, at most <see cref="MaxBodyBytes"/> of it.</param>
/// <param name="IsTruncated">Whether the endpoint's answer is longer than <paramref name="Body"/>.</param>
/// <param name="Latency">The time from the start of the request until <paramref name="Body"/> was read.</param>
/// <param name="Deployment">The deployment that answered; <see langword="null"/> if the endpoint does not name it.</param>
public sealed record ScoringResult(int Status, string Body, bool IsTruncated, TimeSpan Latency, string? Deployment)
{
    /// <summary>The largest size of a returned body, in bytes.</summary>
    public const int MaxBodyBytes = 256 * 1024;

    /// <summary>Whether the status is 2xx.</summary>
    public bool IsSuccess => Status is >= 200 and < 300;
}
