using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

using MLEvents.Cli.Rules;
using MLEvents.Rules;

namespace MLEvents.Cli.Filters;

/// <summary><c>mlevents filter</c>: the Event Grid filter that covers the rules of a folder.</summary>
internal static class FilterCommand
{
    private const string Description = """
        Prints the smallest filter of one Event Grid subscription that covers all enabled rules of a folder, so that events which no rule takes are not
        delivered (and not paid for). It asks only for what every rule asks for; the rules themselves stay exact.

        A retraining looks at its run from time to time; events of the run shorten the wait, which --wake adds: RunCompleted and RunStatusChanged.

        Examples:
          mlevents filter rules
          az eventgrid event-subscription create --name mlevents --source-resource-id $WORKSPACE --endpoint $URL $(mlevents filter rules --format az)
          mlevents filter rules --format bicep > filter.bicepparam

        Exit codes: 0 here it is; 1 a rule file is wrong, or no rule is enabled; 3 there is no such folder.
        """;

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly Dictionary<string, Func<JsonObject, string>> Formats = new()
    {
        ["json"] = filter => filter.ToJsonString(Json),
        ["az"] = AzArguments.Of,
        ["bicep"] = BicepParameters.Of,
    };

    public static Command Create()
    {
        var folder = RulesCommand.Folder();
        var format = new Option<string>("--format") { Description = "json as az prints it, arguments for az, or a Bicep parameter.", DefaultValueFactory = _ => "json" };
        format.AcceptOnlyFromAmong([.. Formats.Keys]);
        var wake = new Option<bool>("--wake") { Description = "Also let through what wakes a retraining that waits for its run." };
        return new Command("filter", Description) { folder, format, wake }.Does(async (parsed, terminal, _) =>
        {
            var rules = RuleBook.ReadValid(parsed.GetRequiredValue(folder)).Rules.Select(rule => rule.Rule);
            var filter = SubscriptionFilter.SubscriptionFilters(parsed.GetValue(wake) ? rules.Append(Waking) : rules)
                ?? throw new CommandFault(ExitCodes.Refused, "No rule is enabled that an event could fire; there is nothing to subscribe to.");
            await terminal.Output.WriteLineAsync(Formats[parsed.GetRequiredValue(format)](filter));
            return ExitCodes.Done;
        });
    }

    private static Rule Waking { get; } = new WakingRule { Name = "wake", When = Condition.OfTypes(Events.EventTypes.RunCompleted, Events.EventTypes.RunStatusChanged) };

    /// <summary>Stands for the retrainer, which takes the news of the runs that it follows.</summary>
    private sealed record WakingRule : Rule;
}
