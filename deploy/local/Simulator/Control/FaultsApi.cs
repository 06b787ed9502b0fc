using Microsoft.AspNetCore.Http.HttpResults;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Faults;
using MLEvents.Local.Simulator.Primitives;
using MLEvents.Local.Simulator.Smtp;

namespace MLEvents.Local.Simulator.Control;

/// <summary>A request for a fault. Defaults are in parentheses.</summary>
/// <param name="Operation">An operation such as <c>Jobs_CreateOrUpdate</c>, <c>Smtp</c> or <c>EventGrid_Deliver</c>, or <c>*</c> for all operations (<c>*</c>).</param>
/// <param name="Kind">The kind (<c>status</c>).</param>
/// <param name="Count">Number of affected calls; 0 for all (all).</param>
/// <param name="Status">The status to answer, 400 to 599 (500).</param>
/// <param name="RetryAfterSeconds">Value of the <c>Retry-After</c> header, in seconds (1 for status 429, otherwise no header).</param>
/// <param name="When">Whether the fault is applied <c>before</c> or <c>after</c> the operation runs (<c>before</c>).</param>
/// <param name="Delay">The delay, such as <c>500ms</c> or <c>2s</c> (depends on the kind).</param>
/// <param name="Share">Share of affected calls, greater than 0 and at most 1 (1).</param>
/// <param name="Seed">Seed of the selection (1).</param>
internal sealed record FaultRequest(
    string? Operation, string? Kind, int? Count, int? Status, int? RetryAfterSeconds, string? When, string? Delay, double? Share, int? Seed);

/// <summary>An active fault.</summary>
/// <param name="Fault">The fault.</param>
/// <param name="Left">Number of further calls that the fault will affect; null if it is not limited.</param>
/// <param name="Hits">Number of calls that the fault has affected.</param>
internal sealed record FaultView(Fault Fault, int? Left, int Hits);

/// <summary>Adds, lists and removes faults.</summary>
internal static class FaultsApi
{
    private static readonly TimeSpan MaxDelay = TimeSpan.FromHours(1);
    private static readonly string[] OtherOperations = ["*", SmtpServer.Operation, "EventGrid_Deliver"];

    /// <summary>Maps the routes.</summary>
    public static void MapFaults(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/faults", List);
        routes.MapPost("/faults", Add);
        routes.MapDelete("/faults", Clear);
    }

    private static Ok<IReadOnlyList<FaultView>> List(FaultStore faults) => TypedResults.Ok(Views(faults));

    private static Results<Created<IReadOnlyList<FaultView>>, ProblemHttpResult> Add(FaultRequest asked, FaultStore faults, EndpointDataSource endpoints)
    {
        if (Validate(asked, endpoints) is { } error)
        {
            return TypedResults.Problem(error, statusCode: StatusCodes.Status400BadRequest);
        }

        faults.Add(new(
            asked.Operation ?? "*",
            asked.Kind ?? Fault.StatusKind,
            asked.Count is 0 ? null : asked.Count,
            asked.Status ?? StatusCodes.Status500InternalServerError,
            asked.RetryAfterSeconds,
            asked.When ?? "before",
            Durations.TryParse(asked.Delay, out var delay) ? delay : null,
            asked.Share ?? 1,
            asked.Seed ?? 1));
        return TypedResults.Created("/faults", Views(faults));
    }

    private static NoContent Clear(FaultStore faults)
    {
        faults.Clear();
        return TypedResults.NoContent();
    }

    private static IReadOnlyList<FaultView> Views(FaultStore faults) => [.. faults.List().Select(fault => new FaultView(fault.Fault, fault.Left, fault.Hits))];

    private static string? Validate(FaultRequest asked, EndpointDataSource endpoints)
    {
        string[] known = [.. OtherOperations, .. endpoints.Endpoints.Select(endpoint => endpoint.Metadata.GetMetadata<ArmOperation>()?.Name).OfType<string>().Distinct().Order()];
        return asked switch
        {
            { Operation: { } name } when !known.Contains(name, StringComparer.OrdinalIgnoreCase) => $"'{name}' is not an operation; expected one of: {string.Join(", ", known)}.",
            { Kind: { } kind } when !Fault.Kinds.Contains(kind) => $"'{kind}' is not a kind of fault; expected one of: {string.Join(", ", Fault.Kinds)}.",
            { When: not (null or "before" or "after") } => $"'when' must be 'before' or 'after', not '{asked.When}'.",
            { Delay: { } delay } when !Durations.TryParse(delay, out _) => $"'{delay}' is not a duration; use a form such as 500ms, 2s, 1m or 00:00:02.",
            { Delay: { } delay } when Durations.TryParse(delay, out var pause) && pause > MaxDelay => $"'delay' must be at most 1h, not '{delay}'.",
            { Status: < 400 or > 599 } => "'status' must be from 400 to 599.",
            { Count: < 0 } => "'count' must not be negative.",
            { RetryAfterSeconds: < 0 or > 86_400 } => "'retryAfterSeconds' must be from 0 to 86400.",
            { Share: <= 0 or > 1 } => "'share' must be greater than 0 and at most 1.",
            _ => null,
        };
    }
}
