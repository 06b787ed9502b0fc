using System.CommandLine;
using System.Text.Json;

using MLEvents.Cli.Operating;

namespace MLEvents.Cli;

/// <summary><c>mlevents actions</c>: the actions of the services.</summary>
internal static class ActionsCommand
{
    private const string Description = """
        Lists and changes the actions that events caused. Without --url, the command asks the notifier, the retrainer and the deployer on this
        machine. Lists of actions that succeeded or were skipped, and lists by chain or time, come from the history of the dashboard.

        Examples:
          mlevents actions list --status failed
          mlevents actions list --status succeeded --rule drift --since 6h
          mlevents actions list --correlation 5f2c8a0e-9d3b-4a55-8a0c-3a2f6d1f0001
          mlevents actions show 5186b2cc012397914252
          mlevents actions retry 5186b2cc012397914252            repeats only the part that failed
          mlevents actions retry 5186b2cc012397914252 --force    repeats everything
          mlevents actions retry 5186b2cc012397914252 --current-rules
          mlevents actions retry --status failed --rule drift --since 2h --error "535" --plan
          mlevents actions cancel 5186b2cc012397914252 --url https://retrainer.example.org --reason "superseded by run 42"
        """;

    private const string Dashboard = "http://localhost:5104";
    private static readonly Uri[] Local = [new("http://localhost:5101"), new("http://localhost:5102"), new("http://localhost:5103")];
    private static readonly string[] Columns = ["ID", "SERVICE", "RULE", "STATUS", "STAGE", "ATTEMPT", "UPDATED", "EVENT", "DETAIL"];

    public static Command Create() => new("actions", Description) { List(), Show(), Retry(), Cancel() };

    private static Command List()
    {
        var (options, filter) = (new OperatorOptions(Local), new ActionFilterOptions("accepted", "running", "waiting", "succeeded", "failed", "skipped"));
        var limit = Bounds.Limit();
        var dashboard = new Option<string?>("--dashboard") { Description = $"The dashboard's address. Default: {Dashboard}" };
        var history = new Option<bool>("--history") { Description = "Always ask the history of the dashboard." };
        var command = new Command("list", "Lists unfinished and failed actions, the newest first. Other actions come from the history of the dashboard.") { limit, history, dashboard };
        filter.AddTo(command);
        options.AddTo(command);
        return command.Does((parsed, terminal, cancellationToken) =>
        {
            var isHistory = parsed.GetValue(history) || parsed.GetValue(dashboard) is not null || IsInHistoryOnly(parsed, filter);
            var services = isHistory ? new OperatorOptions(options, new Uri(parsed.GetValue(dashboard) ?? parsed.GetValue(options.Url) ?? Dashboard)) : options;
            var path = $"{(isHistory ? "api/actions" : "actions")}?{filter.Query(parsed, TimeProvider.System.GetUtcNow())}";
            return new Operation(parsed, terminal, services).ListAsync(client => client.ListAsync(path, parsed.GetValue(limit), cancellationToken), Columns, Row);
        });
    }

    // The services have no index of actions that succeeded or were skipped, and no index of times or chains. The history has these indexes.
    private static bool IsInHistoryOnly(ParseResult parsed, ActionFilterOptions filter) =>
        parsed.GetValue(filter.Status) is "succeeded" or "skipped" || new[] { filter.Correlation, filter.Since, filter.Until }.Any(option => parsed.GetValue(option) is not null);

    private static Command Show()
    {
        var options = new OperatorOptions(Local);
        var id = Id();
        var command = new Command("show", "Shows an action with its plan, its state and its event.") { id };
        options.AddTo(command);
        return command.Does((parsed, terminal, cancellationToken) => new Operation(parsed, terminal, options).AskAsync(HttpMethod.Get, Path(parsed.GetRequiredValue(id)), summarize: null, cancellationToken));
    }

    private static Command Retry()
    {
        var (options, filter) = (new OperatorOptions(Local), new ActionFilterOptions("failed"));
        var id = new Argument<string?>("id") { Description = "The action's id. Without an id, the options select failed actions.", Arity = ArgumentArity.ZeroOrOne };
        var force = new Option<bool>("--force") { Description = "Also repeat an action that succeeded or was skipped, and create again what its earlier attempts created." };
        var current = new Option<bool>("--current-rules") { Description = "Plan each action again with the current rules." };
        var plan = new Option<bool>("--plan") { Description = "Retry nothing. With --status failed, show the number of matching actions by rule and error. With an id or --current-rules, show how the current rules would change the plans." };
        var rate = Bounds.Rate();
        var reason = ReasonOption.Create();
        var command = new Command("retry", "Retries a failed action, or many. If the job, run or deployment of an action has not failed, the retry continues it.") { id, force, current, plan, rate, reason };
        filter.AddTo(command);
        options.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetValue(id) is null && (result.GetValue(filter.Status) is null || result.GetValue(force)))
            {
                result.AddError("retry requires the id of an action, or --status failed, optionally with --rule, --since, --until, --error or --correlation. --force requires an id.");
            }
        });
        return command.Does((parsed, terminal, cancellationToken) =>
        {
            var (useCurrent, why) = (parsed.GetValue(current), parsed.GetValue(reason));
            return parsed.GetValue(id) is { } one ? RetryOneAsync(new(parsed, terminal, options), one, parsed.GetValue(plan), parsed.GetValue(force), useCurrent, why, cancellationToken)
                : parsed.GetValue(plan) ? new BulkRetry(parsed, terminal, options, filter, TimeProvider.System).PlanAsync(useCurrent, cancellationToken)
                : new BulkRetry(parsed, terminal, options, filter, TimeProvider.System).RunAsync(useCurrent, parsed.GetValue(rate), why, cancellationToken);
        });
    }

    private static Task<int> RetryOneAsync(Operation operation, string id, bool isPlan, bool force, bool useCurrent, string? reason, CancellationToken cancellationToken)
    {
        string[] flags = [.. new[] { force ? "force=true" : null, useCurrent ? "currentRules=true" : null }.OfType<string>()];
        return isPlan
            ? operation.AskAsync(HttpMethod.Get, $"{Path(id)}/difference", Difference, cancellationToken)
            : operation.AskAsync(HttpMethod.Post, $"{Path(id)}/retry{ReasonOption.ToQuery(flags.Length == 0 ? null : string.Join('&', flags), reason)}", Now, cancellationToken);
    }

    private static string Difference(JsonElement difference)
    {
        var lines = OperatorJson.List(difference, "changes").Select(change => $"  {OperatorJson.Safe(change.ToString())}");
        return string.Join('\n', lines.Prepend($"with the current rules: {OperatorJson.Text(difference, "outcome")} {OperatorJson.Text(difference, "refusal")}".TrimEnd()));
    }

    private static Command Cancel()
    {
        var options = new OperatorOptions(Local);
        var id = Id();
        var leave = new Option<bool>("--leave-running") { Description = "Do not cancel the job or run that the action started, and do not restore the traffic of a roll-out." };
        var reason = ReasonOption.Create();
        var command = new Command("cancel", "Ends an unfinished action, and cancels the job or run that it started. The deployer restores the traffic of a roll-out with a strategy; the deployment stays.") { id, leave, reason };
        options.AddTo(command);
        return command.Does((parsed, terminal, cancellationToken) => new Operation(parsed, terminal, options).AskAsync(
            HttpMethod.Post, $"{Path(parsed.GetRequiredValue(id))}/cancel{ReasonOption.ToQuery(parsed.GetValue(leave) ? "leaveRunning=true" : null, parsed.GetValue(reason))}", Now, cancellationToken));
    }

    private static Argument<string> Id() => new("id") { Description = "The action's id. It is in the list, in the activity, and in the tag mlevents.action." };

    private static string Path(string id) => $"actions/{Uri.EscapeDataString(id)}";

    private static string Now(JsonElement action) => $"{OperatorJson.Text(action, "id")} is {OperatorJson.Text(action, "status")}: {OperatorJson.Text(action, "detail")}";

    private static string[] Row(JsonElement item) =>
    [
        OperatorJson.Text(item, "id"), OperatorJson.Text(item, "service"), OperatorJson.Text(item, "rule"), OperatorJson.Text(item, "status"), OperatorJson.Text(item, "stage"),
        OperatorJson.Text(item, "attempt"), OperatorJson.Time(item, "updatedAt"), OperatorJson.Text(item, "event", "id"), OperatorJson.Text(item, "detail"),
    ];
}
