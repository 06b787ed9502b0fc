using System.CommandLine;

using MLEvents.Events;
using MLEvents.Rules.Plans;
using MLEvents.Rules.Templates;

namespace MLEvents.Cli.Rules;

/// <summary><c>mlevents rules test</c>: what the rules of a folder do because of an event, and why.</summary>
internal static class TestCommand
{
    private const string Description = """
        Shows which rules fire because of an event, in which service, with the mail, call, job or deployment that they would make, every template
        rendered; and for each rule that does not fire why, condition by condition. Nothing is sent or started.

        The event is in Event Grid's schema or a CloudEvent; a file may hold several, as an array or one a line. Events of one correlation chain see
        those before them as 'previous'.

        Examples:
          mlevents rules test rules --event drift.json
          mlevents rules test rules --event drift.json --rule churn-on-drift
          mlevents rules test rules --event drift.json --json | jq '.[].rules[] | select(.outcome == "fires") | .rule'

        Exit codes: 0 a rule fires for each event, and what it asks for can be done; 1 for some event none fires, or what one asks for can't be done,
        or a rule or event can't be read; 3 there is no such folder or file.
        """;

    public static Command Create()
    {
        var folder = RulesCommand.Folder();
        var file = new Option<string>("--event") { Description = "The file with the event.", Required = true, HelpName = "FILE" };
        var rule = new Option<string?>("--rule") { Description = "Look at this rule only.", HelpName = "NAME" };
        var json = new Option<bool>("--json") { Description = "Print JSON, for machines." };
        return new Command("test", Description) { folder, file, rule, json }.Does(async (parsed, terminal, cancellationToken) =>
        {
            var rules = RuleBook.ReadValid(parsed.GetRequiredValue(folder)).Chosen(parsed.GetValue(rule), includeDisabled: false).Rules;
            var events = await EventsOfAsync(parsed.GetRequiredValue(file), cancellationToken);
            var chains = ChainsOf(events);
            List<TestedEvent> tested = [.. events.Select(workflowEvent => Tested(rules, workflowEvent, chains[Correlation.IdOf(workflowEvent)]))];
            await terminal.Output.WriteLineAsync(parsed.GetValue(json) ? TestJson.Write(tested) : new TestText(terminal).Write(tested));
            return tested.TrueForAll(one => one.IsWell) ? ExitCodes.Done : ExitCodes.Refused;
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

        return events.Count > 0 ? events : throw new CommandFault(ExitCodes.Refused, $"'{path}' holds no event.");
    }
}

/// <summary>An event and what each rule makes of it.</summary>
internal sealed record TestedEvent(WorkflowEvent Event, IReadOnlyList<Verdict> Verdicts)
{
    /// <summary>Whether a rule fires and what the rules ask for can be done.</summary>
    public bool IsWell => Verdicts.Any(verdict => verdict.Fires) && Verdicts.All(verdict => verdict.Plan?.Fault is null);
}
