using System.Collections.Concurrent;
using System.Text.Json.Nodes;

using Microsoft.Extensions.Options;

using MLEvents.Local.Simulator.Configuration;
using MLEvents.Local.Simulator.Storage;

namespace MLEvents.Local.Simulator.Arm;

/// <summary>The long-running operations and the headers that refer to them.</summary>
internal sealed class LongRunning(ArmScope scope, Journal journal, TimeProvider time, IOptions<SimulatorOptions> options)
{
    private const string Timeout = "PT1H";
    private const string Kind = "operation";
    private readonly ConcurrentDictionary<string, LongOperation> _operations = new(
        journal.Restored<LongOperation>(Kind).Select(found => KeyValuePair.Create(found.Id, found)), StringComparer.OrdinalIgnoreCase);

    /// <summary>Starts an operation of Azure ML.</summary>
    public LongOperation Begin(string kind) => Begin(
        $"{kind}:{Guid.NewGuid()}:{Guid.NewGuid()}", $"/subscriptions/{scope.Subscription}/providers/Microsoft.MachineLearningServices/locations/{scope.Region}/mfeOperationsStatus");

    /// <summary>Starts an operation of Event Grid.</summary>
    public LongOperation BeginEventGrid() => Begin(
        Guid.NewGuid().ToString(), $"/subscriptions/{scope.Subscription}/providers/Microsoft.EventGrid/locations/{scope.Region}/operationsStatus");

    /// <summary>The operation with an id, or null.</summary>
    public LongOperation? Find(string id) => _operations.GetValueOrDefault(id);

    /// <summary>Whether an operation is still running.</summary>
    public bool Runs(string id) => Find(id) is { Ended: false };

    /// <summary>Ends an operation.</summary>
    public void End(string id, (string Code, string Message)? error = null, bool canceled = false)
    {
        if (Find(id) is { } found)
        {
            Save(found with { EndedAt = time.GetUtcNow(), ErrorCode = error?.Code, ErrorMessage = error?.Message, Canceled = canceled });
        }
    }

    /// <summary>The answer to a PUT that continues in the background.</summary>
    public ArmReply Accepted(ArmRequest request, int status, JsonObject resource, LongOperation operation) =>
        new ArmReply(status, resource)
            .With("Azure-AsyncOperation", StatusUri(request, operation))
            .With("x-ms-async-operation-timeout", Timeout)
            .RetryAfter(options.Value.Clock.RetryAfter);

    /// <summary>The answer to a DELETE or POST that continues in the background.</summary>
    public ArmReply Accepted(ArmRequest request, LongOperation operation) =>
        new ArmReply(StatusCodes.Status202Accepted)
            .With("Location", ResultUri(request, operation))
            .With("Azure-AsyncOperation", StatusUri(request, operation))
            .With("x-ms-async-operation-timeout", Timeout)
            .RetryAfter(options.Value.Clock.RetryAfter);

    /// <summary>The absolute address of the status resource.</summary>
    public static string StatusUri(ArmRequest request, LongOperation operation) =>
        $"{request.BaseAddress}{operation.StatusPath}?api-version={request.ApiVersion}";

    /// <summary>The answer of the status resource.</summary>
    public ArmReply Status(ArmRequest request) => Find(request["operation"]) is { } found
        ? Paced(ArmReply.Ok(found.Body()), found)
        : throw ArmRefusal.NotFound(request.Path);

    /// <summary>The answer of the result address: 202 while the operation runs, then 204.</summary>
    public ArmReply Result(ArmRequest request)
    {
        var found = Find(request["operation"]) ?? throw ArmRefusal.NotFound(request.Path);
        return found.Ended ? new(StatusCodes.Status204NoContent) : Accepted(request, found);
    }

    private static string ResultUri(ArmRequest request, LongOperation operation) =>
        StatusUri(request, operation).Replace("perationsStatus/", "perationResults/", StringComparison.Ordinal);

    private ArmReply Paced(ArmReply answer, LongOperation operation) => operation.Ended ? answer : answer.RetryAfter(options.Value.Clock.RetryAfter);

    private LongOperation Begin(string id, string folder) => Save(new(id, $"{folder}/{id}", time.GetUtcNow()));

    private LongOperation Save(LongOperation operation) => journal.Commit(() =>
    {
        journal.Put(Kind, operation.Id, operation);
        return _operations[operation.Id] = operation;
    });
}
