using System.CommandLine;

using MLEvents.Events;
using MLEvents.Rules.Plans;
using MLEvents.Rules.Templates;

namespace MLEvents.Cli.Rules;

/// <summary><c>mlevents rules test</c>: evaluates the rules of a folder for an event, and explains the results.</summary>
internal static class TestCommand
{
    private const string Description = """
        Shows which rules fire for an event, and in which service. For each of these rules, it shows the mail, call, job or deployment that the rule
        would create, with rendered templates. For each other rule, it shows the reason, condition by condition. Nothing is sent or started.

        The event is in Event Grid's schema or a CloudEvent. A file may contain several events, as an array or one on each line. The template
        variable 'previous' of an alert contains the events of the same correlation chain that are in the file and have an earlier time.

        Examples:
          mlevents rules test rules --event drift.json
          mlevents rules test rules --event drift.json --rule churn-on-drift
          mlevents rules test rules --event drift.json --json | jq '.[].rules[] | select(.outcome == "fires") | .rule'

        Exit codes: 0 a rule fires for each event, and its action is possible; 1 no rule fires for an event, or an action is not possible,
        or a rule or event cannot be read, or the rule of --rule does not exist; 3 the folder, its rule files or the event file do not exist.
        """;

    public static Command Create()
    {
        var folder = RulesCommand.Folder();
        var file = new Option<string>("--event") { Description = "The file with the event.", Required = true, HelpName = "FILE" };
        var rule = new Option<string?>("--rule") { Description = "Evaluate only this rule.", HelpName = "NAME" };
        var json = new Option<bool>("--json") { Description = "Print JSON, for machines." };
        return new Command("test", Description) { folder, file, rule, json }.Does(async (parsed, terminal, cancellationToken) =>
        {
            var rules = LoadedRuleFiles.ReadValid(parsed.GetRequiredValue(folder)).Chosen(parsed.GetValue(rule), includeDisabled: false).Rules;
            var events = await EventsOfAsync(parsed.GetRequiredValue(file), cancellationToken);
            var chains = ChainsOf(events);
            List<TestedEvent> tested = [.. events.Select(workflowEvent => Tested(rules, workflowEvent, chains[Correlation.IdOf(workflowEvent)]))];
            await terminal.Output.WriteLineAsync(parsed.GetValue(json) ? TestJson.Write(tested) : new TestText(terminal).Write(tested));
            return tested.TrueForAll(one => one.HasPassed) ? ExitCodes.Done : ExitCodes.Refused;
        });
    }

    private static TestedEvent Tested(IReadOnlyList<ServiceRule> rules, WorkflowEvent workflowEvent, EventChain chain)
    {
        var previous = chain.Before(ChainEvent.From(workflowEvent));
        return new(workflowEvent, [.. rules.Select(rule => Verdict.Evaluate(rule, workflowEvent, previous))]);
    }

    private static Dictionary<string, EventChain> ChainsOf(IEnumerable<WorkflowEvent> events) => events
        .GroupBy(Correlation.IdOf)
        .ToDictionary(chain => chain.Key, chain => chain.Select(workflowEvent => ChainEvent.From(workflowEvent)).Aggregate(new EventChain(), (seen, next) => seen.With(next) ?? seen));

    private static async Task<List<WorkflowEvent>> EventsOfAsync(string path, CancellationToken cancellationToken)
    {
        var events = new List<WorkflowEvent>();
        foreach (var file in EventFile.FilesOf(path))
        {
            await foreach (var found in EventFile.ReadAsync(file, cancellationToken: cancellationToken))
            {
                events.Add(found.Event ?? throw new CommandFault(ExitCodes.Refused, found.Error));
            }
        }

        return events.Count > 0 ? events : throw new CommandFault(ExitCodes.Refused, $"'{path}' contains no event.");
    }
}

/// <summary>An event and the verdict of each rule.</summary>
internal sealed record TestedEvent(WorkflowEvent Event, IReadOnlyList<Verdict> Verdicts)
{
    /// <summary>Whether a rule fires, and no plan has a fault.</summary>
    public bool HasPassed => Verdicts.Any(verdict => verdict.Fires) && Verdicts.All(verdict => verdict.Plan?.Fault is null);
}
