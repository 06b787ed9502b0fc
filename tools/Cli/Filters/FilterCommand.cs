using System.CommandLine;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

using MLEvents.Cli.Rules;
using MLEvents.Rules;
using MLEvents.Rules.Conditions;
using MLEvents.Rules.SubscriptionFilters;

namespace MLEvents.Cli.Filters;

/// <summary><c>mlevents filter</c>: the Event Grid filter that passes the events for the rules of a folder.</summary>
internal static class FilterCommand
{
    private const string Description = """
        Prints the most restrictive filter for one Event Grid subscription with which all enabled rules of a folder still receive their events.
        Event Grid then does not deliver (or charge for) events that no rule needs. If Event Grid cannot express a condition, the filter also delivers
        events that no rule matches.

        A retraining polls its run. With --wake, the filter also delivers RunCompleted and RunStatusChanged. These events shorten the wait
        for the next poll.

        With --format az, a filter is left out if az would read its value as an option or a file, or if the value has a line break. A note on the error
        stream names the filter.

        Examples:
          mlevents filter rules
          mlevents filter rules --format az | xargs az eventgrid event-subscription create --name mlevents --source-resource-id "$WORKSPACE" --endpoint "$URL"
          mlevents filter rules --format bicep > filter.bicepparam

        Exit codes: 0 printed; 1 a rule file is invalid, or no enabled rule can fire; 3 the folder or its rule files do not exist.
        """;

    private static readonly JsonSerializerOptions Json = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly Dictionary<string, Func<JsonObject, string>> Formats = new()
    {
        ["json"] = filter => filter.ToJsonString(Json),
        ["az"] = filter => AzArguments.From(filter).Text,
        ["bicep"] = BicepParameters.Write,
    };

    public static Command Create()
    {
        var folder = RulesCommand.Folder();
        var format = new Option<string>("--format") { Description = "The form of the filter: json (JSON as az shows it), az (arguments for az) or bicep (a Bicep parameter).", DefaultValueFactory = _ => "json" };
        format.AcceptOnlyFromAmong([.. Formats.Keys]);
        var wake = new Option<bool>("--wake") { Description = "Also include RunCompleted and RunStatusChanged, which wake a waiting retraining." };
        return new Command("filter", Description) { folder, format, wake }.Does(async (parsed, terminal, _) =>
        {
            var rules = LoadedRuleFiles.ReadValid(parsed.GetRequiredValue(folder)).Rules.Select(rule => rule.Rule);
            var filter = SubscriptionFilter.Create(parsed.GetValue(wake) ? rules.Append(FollowedRuns) : rules)
                ?? throw new CommandFault(ExitCodes.Refused, "No enabled rule can fire, so there are no events to subscribe to. Enable a rule, or correct its condition.");
            await terminal.Output.WriteLineAsync(Formats[parsed.GetRequiredValue(format)](filter));
            foreach (var note in parsed.GetRequiredValue(format) == "az" ? AzArguments.From(filter).Notes : [])
            {
                await terminal.Error.WriteLineAsync($"note: {note}");
            }

            return ExitCodes.Done;
        });
    }

    private static Rule FollowedRuns { get; } = new FollowedRunsRule { Name = "wake", When = Condition.ForTypes(Events.EventTypes.RunCompleted, Events.EventTypes.RunStatusChanged) };

    /// <summary>A rule for the events of runs that the retrainer follows.</summary>
    private sealed record FollowedRunsRule : Rule;
}
