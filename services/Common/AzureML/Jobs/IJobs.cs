using System.Text.Json.Nodes;

using Azure.Core;

using MLEvents.AzureML.Connection;
using MLEvents.AzureML.Errors;
using MLEvents.AzureML.Resilience;

namespace MLEvents.AzureML.Jobs;

/// <summary>Jobs of a workspace (the <c>Jobs_*</c> operations of Azure Resource Manager).</summary>
public interface IJobs
{
    /// <summary>Starts a job, or returns the one that already has this name: the name is the idempotency key, so derive it from what asked for the job.</summary>
    /// <param name="workspace">ARM id of the workspace.</param>
    /// <param name="name">1-255 letters, digits, hyphens and underscores, the first a letter or digit.</param>
    /// <param name="properties">The job's <c>properties</c>, <c>jobType</c> among them. Not used when the job exists already. Not changed.</param>
    /// <param name="cancellationToken">Stops waiting; the job may have been started all the same.</param>
    /// <exception cref="ArgumentException">The name or the id can't be those of a job and a workspace.</exception>
    /// <exception cref="AzureException">Azure refused the call, or could not be reached within the limits of <see cref="AzureResilienceOptions"/>.</exception>
    Task<Job> CreateOrUpdateAsync(ResourceIdentifier workspace, string name, JsonObject properties, CancellationToken cancellationToken);

    /// <summary>Reads a job; <see langword="null"/> when there is none of this name.</summary>
    /// <exception cref="AzureException">Azure refused the call, or could not be reached.</exception>
    Task<Job?> GetAsync(ResourceIdentifier workspace, string name, CancellationToken cancellationToken);

    /// <summary>Asks for a job's cancellation and does not wait for it: <see cref="GetAsync"/> tells when it is done. Repeating it is harmless.</summary>
    /// <exception cref="AzureException">Azure refused the call (404: no such job), or could not be reached.</exception>
    Task CancelAsync(ResourceIdentifier workspace, string name, CancellationToken cancellationToken);

    /// <summary>Reads the jobs that were created since a moment, archived ones excepted. Reads every page of the workspace's jobs: Azure documents no order and no filter by time.</summary>
    /// <exception cref="AzureException">Azure refused the call, or could not be reached.</exception>
    Task<IReadOnlyList<Job>> ListAsync(ResourceIdentifier workspace, DateTimeOffset createdSince, CancellationToken cancellationToken);

    /// <summary>Adds tags to a job that was created without them. Nothing else of the job changes; nothing is sent when it has the tags already.</summary>
    /// <returns>Whether there is a job of this name.</returns>
    /// <exception cref="AzureException">Azure refused the call, or could not be reached.</exception>
    Task<bool> AddTagsAsync(ResourceIdentifier workspace, string name, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken);
}

/// <summary>A job as Azure Machine Learning reports it.</summary>
/// <param name="Name">The job's name, unique in its workspace.</param>
/// <param name="Status">One of <see cref="JobStatus"/>, in the service's spelling; a status this library does not know is passed on.</param>
/// <param name="IsTerminal">Whether the status will not change any more.</param>
/// <param name="StudioUrl">The job's page in the studio as the job itself names it; <see langword="null"/> when it names none.</param>
/// <param name="Tags">The job's tags, case-sensitive, possibly empty.</param>
/// <param name="Properties">The whole <c>properties</c> member, unknown members included.</param>
public sealed record Job(
    string Name,
    string Status,
    bool IsTerminal,
    Uri? StudioUrl,
    IReadOnlyDictionary<string, string> Tags,
    JsonObject Properties)
{
    /// <summary>When the job was created; <see langword="null"/> when the answer does not say.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>The properties that the training and the service wrote to the job, case-sensitive, possibly empty.</summary>
    public IReadOnlyDictionary<string, string> OwnProperties => Properties.Texts("properties");
}
