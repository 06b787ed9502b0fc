using Azure.Core;

using MLEvents.AzureML.Errors;

namespace MLEvents.AzureML.Scoring;

/// <summary>Sends scoring requests to online endpoints. The endpoint's key or token stays inside: it is in no result, log, trace or error.</summary>
public interface IScoring
{
    /// <summary>Sends one request, once. Every answer of the endpoint is a result, whatever its status.</summary>
    /// <param name="workspace">ARM id of the workspace.</param>
    /// <param name="endpoint">The endpoint. Its own scoring address is called, and only when its host is allowed.</param>
    /// <param name="request">The request.</param>
    /// <param name="cancellationToken">Stops waiting.</param>
    /// <exception cref="AzureException">
    /// There is no such endpoint (404), it has no scoring address yet, its host is not allowed (<see cref="AzureException.NotAllowedCode"/>),
    /// Azure refused the key, or the endpoint did not answer (<see cref="AzureException.NetworkCode"/>, <see cref="AzureException.TimeoutCode"/>).
    /// </exception>
    Task<ScoringResult> ScoreAsync(ResourceIdentifier workspace, string endpoint, ScoringRequest request, CancellationToken cancellationToken);
}

/// <summary>A scoring request.</summary>
/// <param name="Body">The body, in most cases JSON.</param>
/// <param name="Deployment">The deployment that shall answer (header <c>azureml-model-deployment</c>); <see langword="null"/> to let the endpoint's traffic decide.</param>
public sealed record ScoringRequest(string Body, string? Deployment = null)
{
    /// <summary>The type of the body. Default <c>application/json</c>.</summary>
    public string ContentType { get; init; } = "application/json";

    /// <summary>Longest time until the whole answer is read. Default <see cref="AzureMLOptions.ScoringTimeout"/>.</summary>
    public TimeSpan? Timeout { get; init; }
}

/// <summary>The answer to a scoring request.</summary>
/// <param name="Status">The HTTP status.</param>
/// <param name="Body">The body, at most <see cref="MaxBodyBytes"/> of it.</param>
/// <param name="IsTruncated">Whether the body was longer.</param>
/// <param name="Latency">From the start of the request until the whole answer was read.</param>
/// <param name="Deployment">The deployment that answered, as the endpoint says; <see langword="null"/> when it does not.</param>
public sealed record ScoringResult(int Status, string Body, bool IsTruncated, TimeSpan Latency, string? Deployment)
{
    /// <summary>How much of a body is kept, in bytes.</summary>
    public const int MaxBodyBytes = 256 * 1024;

    /// <summary>Whether the status is 2xx.</summary>
    public bool IsSuccess => Status is >= 200 and < 300;
}
