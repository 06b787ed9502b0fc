using Microsoft.AspNetCore.Http.HttpResults;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Diagnostics;
using MLEvents.Local.Simulator.Faults;

namespace MLEvents.Local.Simulator.Messages;

/// <summary>Received mails and webhook calls.</summary>
/// <param name="Mails">The mails, oldest first.</param>
/// <param name="Hooks">The webhook calls, oldest first.</param>
internal sealed record InboxContent(IReadOnlyList<Mail> Mails, IReadOnlyList<WebhookCall> Hooks);

/// <summary>The routes that receive webhook calls, and the routes of the inbox.</summary>
internal static class InboxApi
{
    /// <summary>The operation name of webhooks in faults and counters.</summary>
    public const string Operation = "Hooks_Receive";

    /// <summary>Maps the routes.</summary>
    public static void MapInbox(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/inbox", List);
        routes.MapDelete("/inbox", Clear);
        routes.MapGet("/inbox/mails/{id:long}", Raw);
        routes.MapMethods("/hooks/{name}", ["POST", "PUT"], ReceiveAsync).WithMetadata(new ArmOperation(Operation));
    }

    private static Results<Ok<InboxContent>, ProblemHttpResult> List(string? kind, string? contains, long? after, Inbox inbox) => kind switch
    {
        null => TypedResults.Ok(new InboxContent(inbox.Mails(contains, after), inbox.Hooks(contains, after))),
        "mail" => TypedResults.Ok(new InboxContent(inbox.Mails(contains, after), [])),
        "hook" => TypedResults.Ok(new InboxContent([], inbox.Hooks(contains, after))),
        _ => TypedResults.Problem($"'{kind}' is not a kind of message; expected one of: mail, hook.", statusCode: StatusCodes.Status400BadRequest),
    };

    private static NoContent Clear(Inbox inbox)
    {
        inbox.Clear();
        return TypedResults.NoContent();
    }

    private static Results<FileContentHttpResult, ProblemHttpResult> Raw(long id, Inbox inbox) => inbox.Raw(id) is { } raw
        ? TypedResults.File(raw, "message/rfc822")
        : TypedResults.Problem($"The mail {id} does not exist.", statusCode: StatusCodes.Status404NotFound);

    private static async Task<IResult> ReceiveAsync(string name, HttpContext http, Inbox inbox, FaultStore faults, FaultResponder responder, CallLog calls)
    {
        using var reader = new StreamReader(http.Request.Body);
        var body = await reader.ReadToEndAsync(http.RequestAborted);
        var headers = http.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);

        var fault = faults.Take(Operation, Fault.HttpKinds);
        var early = fault is { After: false } ? await responder.RespondAsync(fault, http) : null;
        if (early is null)
        {
            inbox.Add(name, headers, body);
        }

        var answer = early ?? (fault is { After: true } ? await responder.RespondAsync(fault, http) : null) ?? TypedResults.Ok();
        calls.Add(new(Operation, name, (answer as IStatusCodeHttpResult)?.StatusCode ?? 0, early is null, fault?.Kind));
        return answer;
    }
}
