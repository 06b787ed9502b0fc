using System.Text.Json.Nodes;

namespace MLEvents.AzureML;

/// <summary>A job as Azure Machine Learning reports it.</summary>
/// <param name="Name">The job's name, unique in its workspace.</param>
/// <param name="Status">One of <see cref="JobStatus"/>, in the service's spelling; a status this library does not know is passed on.</param>
/// <param name="IsTerminal">Whether the status will not change any more.</param>
/// <param name="StudioUrl">The job's page in the studio as the job itself names it; <see langword="null"/> when it names none (see <see cref="StudioLinks.Run"/>).</param>
/// <param name="Tags">The job's tags, case-sensitive, possibly empty.</param>
/// <param name="Properties">The whole <c>properties</c> member, unknown members included.</param>
public sealed record Job(
    string Name,
    string Status,
    bool IsTerminal,
    Uri? StudioUrl,
    IReadOnlyDictionary<string, string> Tags,
    JsonObject Properties);
