using System.Text.Json.Nodes;

using Azure.Core;

using MLEvents.AzureML.Connection;
using MLEvents.AzureML.Errors;
using MLEvents.AzureML.Resilience;

namespace MLEvents.AzureML.Jobs;

/// <summary>Jobs of a workspace (the <c>Jobs_*</c> operations of Azure Resource Manager).</summary>
public interface IJobs
{
    /// <summary>
    /// Starts a job, or returns the existing job with this name. The name is the idempotency key: use the same name for each attempt to start the same job, for
    /// example a name derived from the action's id.
    /// </summary>
    /// <param name="workspace">ARM id of the workspace.</param>
    /// <param name="name">1-255 letters, digits, hyphens and underscores, the first a letter or digit.</param>
    /// <param name="properties">The job's <c>properties</c>, including <c>jobType</c>. They are not used if the job exists. The object is not changed.</param>
    /// <param name="cancellationToken">Cancels the call. The job may exist even if the call was cancelled.</param>
    /// <exception cref="ArgumentException">The id is not that of a workspace, or the name is not valid for a job.</exception>
    /// <exception cref="AzureException">Azure refused the call, or was not reachable within the limits of <see cref="AzureResilienceOptions"/>.</exception>
    Task<Job> GetOrCreateAsync(ResourceIdentifier workspace, string name, JsonObject properties, CancellationToken cancellationToken);

    /// <summary>Reads a job; <see langword="null"/> if it does not exist.</summary>
    /// <exception cref="AzureException">Azure refused the call or was not reachable.</exception>
    Task<Job?> GetAsync(ResourceIdentifier workspace, string name, CancellationToken cancellationToken);

    /// <summary>Requests the cancellation of a job and does not wait for the end of the job: poll <see cref="GetAsync"/>. A repetition changes nothing.</summary>
    /// <exception cref="AzureException">Azure refused the call (404: the job does not exist) or was not reachable.</exception>
    Task CancelAsync(ResourceIdentifier workspace, string name, CancellationToken cancellationToken);

    /// <summary>Reads the jobs that were created since a time, and the jobs whose creation time Azure does not report. Archived jobs are left out. All pages are read, because Azure documents no order and no filter by time.</summary>
    /// <exception cref="AzureException">Azure refused the call or was not reachable.</exception>
    Task<IReadOnlyList<Job>> ListAsync(ResourceIdentifier workspace, DateTimeOffset createdSince, CancellationToken cancellationToken);

    /// <summary>Adds tags to a job, or replaces the values of its tags. Nothing else changes. No update is sent if the job has the tags already.</summary>
    /// <returns>Whether the job exists.</returns>
    /// <exception cref="AzureException">Azure refused the call or was not reachable.</exception>
    Task<bool> AddTagsAsync(ResourceIdentifier workspace, string name, IReadOnlyDictionary<string, string> tags, CancellationToken cancellationToken);
}

/// <summary>A job as Azure Machine Learning reports it.</summary>
/// <param name="Name">The job's name, unique in its workspace.</param>
/// <param name="Status">One of <see cref="JobStatus"/>, in Azure's spelling. A status that this library does not know is returned unchanged.</param>
/// <param name="IsTerminal">Whether the job has ended.</param>
/// <param name="StudioUrl">The job's page in the studio, from the job itself; <see langword="null"/> if the job names none.</param>
/// <param name="Tags">The job's tags, case-sensitive, possibly empty.</param>
/// <param name="Properties">The whole <c>properties</c> member, including unknown members.</param>
public sealed record Job(
    string Name,
    string Status,
    bool IsTerminal,
    Uri? StudioUrl,
    IReadOnlyDictionary<string, string> Tags,
    JsonObject Properties)
{
    /// <summary>The creation time of the job; <see langword="null"/> if the response does not contain it.</summary>
    public DateTimeOffset? CreatedAt { get; init; }

    /// <summary>The properties that the training and Azure wrote to the job, case-sensitive, possibly empty.</summary>
    public IReadOnlyDictionary<string, string> OwnProperties => Properties.Texts("properties");
}
