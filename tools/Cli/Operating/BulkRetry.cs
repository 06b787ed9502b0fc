using System.CommandLine;
using System.Globalization;
using System.Text.Json;

namespace MLEvents.Cli.Operating;

/// <summary>Retries many failed actions, each once. It does not retry actions that fail again afterwards, or that another operator restarted.</summary>
/// <param name="parsed">The command line.</param>
/// <param name="terminal">The terminal for the result.</param>
/// <param name="options">The services.</param>
/// <param name="filter">Selects the actions.</param>
/// <param name="time">The clock for time spans such as <c>6h</c>, and for the start and the rate of the command.</param>
internal sealed class BulkRetry(ParseResult parsed, Terminal terminal, OperatorOptions options, ActionFilterOptions filter, TimeProvider time)
{
    private const int MaxActions = 10_000;
    private const int ShownErrors = 10;
    private const int ShownDifferences = 20;

    // Errors of the same kind are grouped by their beginning, because ids, times and sizes at the end differ.
    private const int ErrorLength = 80;

    /// <summary>The largest number of actions of one service that one command retries. Default 10,000.</summary>
    public int Limit { get; init; } = MaxActions;

    /// <summary>Counts the actions by service, rule and error. With the current rules, it also shows the differences of the plans. Changes nothing.</summary>
    public async Task<int> PlanAsync(bool useCurrentRules, CancellationToken cancellationToken)
    {
        var code = ExitCodes.Done;
        foreach (var client in options.Clients(parsed))
        {
            using (client)
            {
                code = Math.Max(code, await new Operation(parsed, terminal, options).TryAsync(() => PlanAsync(client, useCurrentRules, cancellationToken)));
            }
        }

        return code;
    }

    /// <summary>
    /// Retries the selected actions, at most <paramref name="rate"/> per second. Without <c>--until</c>, the command retries only actions that failed before
    /// the start of the command.
    /// </summary>
    public async Task<int> RunAsync(bool useCurrentRules, int rate, string? reason, CancellationToken cancellationToken)
    {
        // The time at which the command starts. A retried action that fails again has a later time. A resumed command with this time in --until therefore does not
        // retry the action again.
        var until = time.GetUtcNow();
        var code = ExitCodes.Done;
        foreach (var client in options.Clients(parsed))
        {
            using (client)
            {
                code = Math.Max(code, await new Operation(parsed, terminal, options).TryAsync(() => RunAsync(client, until, useCurrentRules, rate, reason, cancellationToken)));
            }
        }

        if (code != ExitCodes.Done && parsed.GetValue(filter.Until) is null)
        {
            await terminal.Error.WriteLineAsync($"To resume, repeat the command with --until {ActionFilterOptions.Text(until)}.");
        }

        return code;
    }

    private async Task PlanAsync(OperatorClient client, bool useCurrentRules, CancellationToken cancellationToken)
    {
        var (actions, left) = await ListAsync(client, until: null, cancellationToken);
        await terminal.Output.WriteLineAsync($"{client.Service}: {Count(actions.Count)} to retry{(left > 0 ? $", and {left.ToString(CultureInfo.InvariantCulture)} more that need further commands, because one command retries at most {Count(Limit)} of a service" : "")}");
        foreach (var rule in actions.GroupBy(action => OperatorJson.Text(action, "rule")).OrderByDescending(group => group.Count()))
        {
            await terminal.Output.WriteLineAsync($"  rule {rule.Key}: {Count(rule.Count())}");
            foreach (var error in rule.GroupBy(KindOfError).OrderByDescending(group => group.Count()).Take(ShownErrors))
            {
                await terminal.Output.WriteLineAsync($"    {error.Count().ToString(CultureInfo.InvariantCulture),5}  {error.Key}");
            }
        }

        if (useCurrentRules && actions.Count > 0)
        {
            await CompareAsync(client, actions, cancellationToken);
        }
    }

    private async Task CompareAsync(OperatorClient client, List<JsonElement> actions, CancellationToken cancellationToken)
    {
        var outcomes = new Dictionary<string, int>();
        var shown = 0;
        foreach (var action in actions)
        {
            var id = OperatorJson.Text(action, "id");
            var difference = await client.AskAsync(HttpMethod.Get, $"actions/{Uri.EscapeDataString(id)}/difference", cancellationToken);
            var outcome = OperatorJson.Text(difference, "outcome");
            outcomes[outcome] = outcomes.GetValueOrDefault(outcome) + 1;
            if (outcome != "same" && shown++ < ShownDifferences)
            {
                await terminal.Output.WriteLineAsync($"  {id}: {outcome} {OperatorJson.Text(difference, "refusal")}".TrimEnd());
                foreach (var change in client.Read(difference, answer => OperatorJson.List(answer, "changes")))
                {
                    await terminal.Output.WriteLineAsync($"    {OperatorJson.Safe(change.ToString())}");
                }
            }
        }

        await terminal.Output.WriteLineAsync($"  with the current rules: {string.Join(", ", outcomes.OrderBy(outcome => outcome.Key, StringComparer.Ordinal).Select(outcome => $"{outcome.Value} {outcome.Key}"))}");
    }

    private async Task RunAsync(OperatorClient client, DateTimeOffset until, bool useCurrentRules, int rate, string? reason, CancellationToken cancellationToken)
    {
        var (retried, refused) = (0, 0);
        var (actions, left) = await ListAsync(client, until, cancellationToken);
        foreach (var action in actions)
        {
            if (await TryRetryAsync(client, action, useCurrentRules, reason, cancellationToken))
            {
                retried++;
            }
            else
            {
                refused++;
            }

            await Task.Delay(TimeSpan.FromSeconds(1.0 / rate), time, cancellationToken);
        }

        await terminal.Output.WriteLineAsync($"{client.Service}: {Count(retried)} retried{(refused > 0 ? $", {refused.ToString(CultureInfo.InvariantCulture)} not retried" : "")}");
        if (left > 0)
        {
            throw new CommandFault(ExitCodes.Refused, $"{client.Service}: {Count(left)} left, because one command retries at most {Count(Limit)} of a service. Repeat the command for the others.");
        }
    }

    private async Task<bool> TryRetryAsync(OperatorClient client, JsonElement action, bool useCurrentRules, string? reason, CancellationToken cancellationToken)
    {
        var id = OperatorJson.Text(action, "id");
        var flags = $"generation={OperatorJson.Text(action, "generation")}{(useCurrentRules ? "&currentRules=true" : "")}";
        try
        {
            await client.AskAsync(HttpMethod.Post, $"actions/{Uri.EscapeDataString(id)}/retry{ReasonOption.ToQuery(flags, reason)}", cancellationToken);
            return true;
        }
        catch (CommandFault fault) when (fault.Status is 404 or 409)
        {
            await terminal.Error.WriteLineAsync($"{id}: {fault.Message}");
            return false;
        }
    }

    // All actions are listed, so that the number of actions beyond the limit is known.
    private async Task<(List<JsonElement> Actions, int Left)> ListAsync(OperatorClient client, DateTimeOffset? until, CancellationToken cancellationToken)
    {
        var query = filter.Query(parsed, time.GetUtcNow(), until);
        var all = await client.ListAsync($"actions?{query}", int.MaxValue, cancellationToken);
        return all.Count <= Limit ? (all, 0) : (all.GetRange(0, Limit), all.Count - Limit);
    }

    private static string KindOfError(JsonElement action)
    {
        var text = OperatorJson.Text(action, "detail").ReplaceLineEndings(" ");
        return text.Length == 0 ? "(no detail)" : OperatorJson.Safe(text.Length > ErrorLength ? text[..ErrorLength] + "…" : text);
    }

    private static string Count(int actions) => $"{actions.ToString(CultureInfo.InvariantCulture)} {(actions == 1 ? "action" : "actions")}";
}
