using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.MachineLearning;

/// <summary>Jobs, api-version 2022-10-01 and later.</summary>
internal static partial class JobsApi
{
    /// <summary>Maps the routes.</summary>
    public static void MapJobs(this IEndpointRouteBuilder routes)
    {
        var jobs = routes.MapArm(ArmRoutes.Workspace + "/jobs", ArmVersions.MachineLearning);
        jobs.MapGet("", List).WithOperation("Jobs_List");
        jobs.MapGet("/{job}", Get).WithOperation("Jobs_Get");
        jobs.MapPut("/{job}", PutAsync).WithOperation("Jobs_CreateOrUpdate");
        jobs.MapDelete("/{job}", Delete).WithOperation("Jobs_Delete");
        jobs.MapPost("/{job}/cancel", Cancel).WithOperation("Jobs_Cancel");
    }

    private static ArmReply List(ArmRequest request, ResourceStore store, Paging paging) => paging.Page(request, store
        .List(request.InWorkspace("jobs"))
        .InView(request)
        .Where(job => request.Query("jobType") is not { } type || type.Equals(job.Text("properties", "jobType"), StringComparison.OrdinalIgnoreCase))
        .Filtered(request, "tag"));

    private static ArmReply Get(ArmRequest request, ResourceStore store) => ArmReply.Ok(ArmRequest.Found(store, Id(request)));

    private static async Task<ArmReply> PutAsync(ArmRequest request, JobRunner runner)
    {
        var name = request["job"];
        if (!JobName().IsMatch(name))
        {
            throw ArmRefusal.UserError($"The job id '{name}' must match ^[a-zA-Z0-9][a-zA-Z0-9\\-_]{{0,254}}$.", "id");
        }

        var body = await request.BodyAsync();
        Validate(body);
        var (job, created, changed) = runner.Put(name, body.Map("properties"), workspace: request.Workspace);
        request.ChangedState = changed;
        return new(created ? StatusCodes.Status201Created : StatusCodes.Status200OK, job);
    }

    private static ArmReply Cancel(ArmRequest request, JobRunner runner, LongRunning operations)
    {
        var (operation, changed) = runner.Cancel(Id(request));
        request.ChangedState = changed;
        return operation is null ? new(StatusCodes.Status200OK) : operations.Accepted(request, operation);
    }

    private static ArmReply Delete(ArmRequest request, ResourceStore store, LongRunning operations)
    {
        if (store.Get(Id(request)) is not { } job)
        {
            return new(StatusCodes.Status204NoContent);
        }

        if (!JobRunner.IsFinal(job.Text("properties", "status")))
        {
            throw ArmRefusal.Conflict($"The job '{request["job"]}' is still active. Cancel it before deleting it.");
        }

        request.ChangedState = store.Remove(Id(request));
        var operation = operations.Begin("job");
        operations.End(operation.Id);
        return operations.Accepted(request, operation);
    }

    private static void Validate(JsonObject body)
    {
        var type = body.Text("properties", "jobType") ?? throw ArmRefusal.BadContent("Required property 'jobType' not found in JSON.", "properties.jobType");
        string[] needed = type switch
        {
            "Command" => ["command", "environmentId"],
            "Sweep" => ["objective", "samplingAlgorithm", "searchSpace", "trial"],
            _ => [],
        };
        foreach (var name in needed.Where(name => body.At("properties", name) is null))
        {
            throw ArmRefusal.UserError($"The property '{name}' is required for a {type} job.", "properties." + name);
        }
    }

    private static string Id(ArmRequest request) => request.InWorkspace("jobs/" + request["job"]);

    [GeneratedRegex(@"^[a-zA-Z0-9][a-zA-Z0-9\-_]{0,254}\z", RegexOptions.CultureInvariant)]
    private static partial Regex JobName();
}
