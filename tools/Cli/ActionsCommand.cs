using System.CommandLine;
using System.Text.Json;

using MLEvents.Cli.Operating;

namespace MLEvents.Cli;

/// <summary><c>mlevents actions</c>: what the services do because of events.</summary>
internal static class ActionsCommand
{
    private const string Description = """
        What the services do because of events: actions that wait or failed, and any other by its id. Without --url notifier, retrainer and deployer
        of this machine are asked.

        Examples:
          mlevents actions list --status failed
          mlevents actions show 5186b2cc012397914252
          mlevents actions retry 5186b2cc012397914252            what failed is done anew; what was done is not
          mlevents actions retry 5186b2cc012397914252 --force    everything is done anew
          mlevents actions cancel 5186b2cc012397914252 --url https://retrainer.example.org --reason "superseded by run 42"
        """;

    private static readonly Uri[] Local = [new("http://localhost:5101"), new("http://localhost:5102"), new("http://localhost:5103")];
    private static readonly string[] Columns = ["ID", "SERVICE", "RULE", "STATUS", "STAGE", "ATTEMPT", "UPDATED", "EVENT", "DETAIL"];

    public static Command Create() => new("actions", Description) { List(), Show(), Retry(), Cancel() };

    private static Command List()
    {
        var options = new OperatorOptions(Local);
        var limit = Bounds.Limit();
        var status = new Option<string?>("--status") { Description = "Only those of a status. What succeeded or was skipped is in no list." };
        status.AcceptOnlyFromAmong("accepted", "running", "waiting", "failed");
        var rule = new Option<string?>("--rule") { Description = "Only those of a rule." };
        var command = new Command("list", "Lists actions that wait, and those that failed, the newest first.") { status, rule, limit };
        options.AddTo(command);
        return command.Does((parsed, terminal, cancellationToken) => new Operation(parsed, terminal, options).ListAsync(
            client => client.ListAsync(Query(parsed.GetValue(status), parsed.GetValue(rule)), parsed.GetValue(limit), cancellationToken), Columns, Row));
    }

    private static Command Show()
    {
        var options = new OperatorOptions(Local);
        var id = Id();
        var command = new Command("show", "Shows an action with its plan, what its steps found out, and its event.") { id };
        options.AddTo(command);
        return command.Does((parsed, terminal, cancellationToken) => new Operation(parsed, terminal, options).AskAsync(HttpMethod.Get, Path(parsed.GetRequiredValue(id)), inShort: null, cancellationToken));
    }

    private static Command Retry()
    {
        var options = new OperatorOptions(Local);
        var id = Id();
        var force = new Option<bool>("--force") { Description = "Repeat actions that succeeded or were skipped too, and create again what earlier attempts created." };
        var reason = Reasons.Create();
        var command = new Command("retry", "Starts a failed action again. A job or deployment that has not failed is continued.") { id, force, reason };
        options.AddTo(command);
        return command.Does((parsed, terminal, cancellationToken) => new Operation(parsed, terminal, options).AskAsync(
            HttpMethod.Post, $"{Path(parsed.GetRequiredValue(id))}/retry{Reasons.Query(parsed.GetValue(force) ? "force=true" : null, parsed.GetValue(reason))}", Now, cancellationToken));
    }

    private static Command Cancel()
    {
        var options = new OperatorOptions(Local);
        var id = Id();
        var leave = new Option<bool>("--leave-running") { Description = "Leave the job or run that the action started running." };
        var reason = Reasons.Create();
        var command = new Command("cancel", "Ends a waiting action, and cancels the job or run that it started. A deployment that it started continues.") { id, leave, reason };
        options.AddTo(command);
        return command.Does((parsed, terminal, cancellationToken) => new Operation(parsed, terminal, options).AskAsync(
            HttpMethod.Post, $"{Path(parsed.GetRequiredValue(id))}/cancel{Reasons.Query(parsed.GetValue(leave) ? "leaveRunning=true" : null, parsed.GetValue(reason))}", Now, cancellationToken));
    }

    private static Argument<string> Id() => new("id") { Description = "The action's id: from the list, the activity, or the tag mlevents.action." };

    private static string Path(string id) => $"actions/{Uri.EscapeDataString(id)}";

    private static string Query(string? status, string? rule)
    {
        string[] parts = [status is null ? "" : $"status={status}", rule is null ? "" : $"rule={Uri.EscapeDataString(rule)}"];
        return "actions?" + string.Join('&', parts.Where(part => part.Length > 0));
    }

    private static string Now(JsonElement action) => $"{OperatorJson.Text(action, "id")} is {OperatorJson.Text(action, "status")}: {OperatorJson.Text(action, "detail")}";

    private static string[] Row(JsonElement item) =>
    [
        OperatorJson.Text(item, "id"), OperatorJson.Text(item, "service"), OperatorJson.Text(item, "rule"), OperatorJson.Text(item, "status"), OperatorJson.Text(item, "stage"),
        OperatorJson.Text(item, "attempt"), OperatorJson.Time(item, "updatedAt"), OperatorJson.Text(item, "event", "id"), OperatorJson.Text(item, "detail"),
    ];
}
