using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;

namespace MLEvents.Local.Simulator.Arm;

/// <summary>One long-running operation.</summary>
internal sealed class LongOperation(string id, string statusPath, DateTimeOffset started)
{
    private readonly Lock _gate = new();
    private string _status = "InProgress";
    private DateTimeOffset? _ended;
    private (string Code, string Message)? _error;

    /// <summary>The path of the status resource.</summary>
    public string StatusPath => statusPath;

    /// <summary>Whether it came to an end.</summary>
    public bool Ended => _ended is not null;

    /// <summary>Ends it, well or with an error.</summary>
    public void End(DateTimeOffset now, (string Code, string Message)? error = null)
    {
        lock (_gate)
        {
            _error = error;
            _status = error is null ? "Succeeded" : "Failed";
            _ended = now;
        }
    }

    /// <summary>The body of the status resource.</summary>
    public JsonObject Body()
    {
        lock (_gate)
        {
            var body = new JsonObject { ["id"] = statusPath, ["name"] = id, ["status"] = _status, ["startTime"] = started.Wire() };
            if (_ended is { } ended)
            {
                body["endTime"] = ended.Wire();
            }

            if (_error is { } error)
            {
                body["error"] = new JsonObject { ["code"] = error.Code, ["message"] = error.Message, ["details"] = new JsonArray() };
            }

            return body;
        }
    }
}

/// <summary>The long-running operations and the headers that lead to them.</summary>
internal sealed class LongRunning(ArmScope scope, TimeProvider time, IOptions<SimulatorOptions> options)
{
    private const string Timeout = "PT1H";
    private readonly ConcurrentDictionary<string, LongOperation> _operations = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Begins an operation of Azure ML.</summary>
    public LongOperation Begin(string kind) => Begin(
        $"{kind}:{Guid.NewGuid()}:{Guid.NewGuid()}", $"/subscriptions/{scope.Subscription}/providers/Microsoft.MachineLearningServices/locations/{scope.Region}/mfeOperationsStatus");

    /// <summary>Begins an operation of Event Grid.</summary>
    public LongOperation BeginEventGrid() => Begin(
        Guid.NewGuid().ToString(), $"/subscriptions/{scope.Subscription}/providers/Microsoft.EventGrid/locations/{scope.Region}/operationsStatus");

    /// <summary>The operation with an id, or null.</summary>
    public LongOperation? Find(string id) => _operations.GetValueOrDefault(id);

    /// <summary>Ends an operation now.</summary>
    public void End(LongOperation operation, (string Code, string Message)? error = null) => operation.End(time.GetUtcNow(), error);

    /// <summary>The answer to a PUT that goes on in the background.</summary>
    public ArmAnswer Accepted(ArmRequest request, int status, JsonObject resource, LongOperation operation) =>
        new ArmAnswer(status, resource)
            .With("Azure-AsyncOperation", StatusUri(request, operation))
            .With("x-ms-async-operation-timeout", Timeout)
            .RetryAfter(options.Value.Clock.RetryAfter);

    /// <summary>The answer to a DELETE or POST that goes on in the background.</summary>
    public ArmAnswer Accepted(ArmRequest request, LongOperation operation) =>
        new ArmAnswer(StatusCodes.Status202Accepted)
            .With("Location", ResultUri(request, operation))
            .With("Azure-AsyncOperation", StatusUri(request, operation))
            .With("x-ms-async-operation-timeout", Timeout)
            .RetryAfter(options.Value.Clock.RetryAfter);

    /// <summary>The absolute address of the status resource.</summary>
    public static string StatusUri(ArmRequest request, LongOperation operation) =>
        $"{request.BaseAddress}{operation.StatusPath}?api-version={request.ApiVersion}";

    /// <summary>The answer of the status resource.</summary>
    public ArmAnswer Status(ArmRequest request) => Find(request["operation"]) is { } found
        ? Paced(ArmAnswer.Ok(found.Body()), found)
        : throw ArmRefusal.NotFound(request.Path);

    /// <summary>The answer of the result address: 202 while it runs, then 204.</summary>
    public ArmAnswer Result(ArmRequest request)
    {
        var found = Find(request["operation"]) ?? throw ArmRefusal.NotFound(request.Path);
        return found.Ended ? new(StatusCodes.Status204NoContent) : Accepted(request, found);
    }

    private static string ResultUri(ArmRequest request, LongOperation operation) =>
        StatusUri(request, operation).Replace("perationsStatus/", "perationResults/", StringComparison.Ordinal);

    private ArmAnswer Paced(ArmAnswer answer, LongOperation operation) => operation.Ended ? answer : answer.RetryAfter(options.Value.Clock.RetryAfter);

    private LongOperation Begin(string id, string folder) =>
        _operations[id] = new(id, $"{folder}/{id}", time.GetUtcNow());
}
