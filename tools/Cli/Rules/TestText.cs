using System.Text;
using System.Text.Json.Nodes;

using MLEvents.Events;

namespace MLEvents.Cli.Rules;

/// <summary>The result of <c>mlevents rules test</c> for people.</summary>
internal sealed class TestText(Terminal terminal)
{
    private readonly StringBuilder _text = new();

    public string Write(IEnumerable<TestedEvent> tested)
    {
        foreach (var one in tested)
        {
            Line($"{one.Event.Type} {one.Event.Subject} ({one.Event.Id})");
            WriteDrift(one.Event);
            foreach (var service in one.Verdicts.GroupBy(verdict => verdict.Rule.Service))
            {
                Line("");
                Line(service.Key);
                foreach (var verdict in service.OrderBy(verdict => !verdict.Fires))
                {
                    Write(verdict);
                }
            }

            Line("");
        }

        return _text.ToString().TrimEnd();
    }

    // The event does not contain the values of 'drift.*', because they are calculated. The output therefore shows them.
    private void WriteDrift(WorkflowEvent workflowEvent)
    {
        if (Drift.Read(workflowEvent) is { } drift)
        {
            Line("drift");
            Indented(Outline.Write(JsonNode.Parse(drift.ToJson().GetRawText())), 2);
        }
    }

    private void Write(Verdict verdict)
    {
        var name = $"{verdict.Rule.Rule.Name} (line {verdict.Rule.Rule.Line})";
        switch (verdict.Outcome)
        {
            case RuleOutcome.Fires:
                Line($"  {terminal.Green("fires")}          {name}");
                WritePlan(verdict);
                break;
            case RuleOutcome.Disabled:
                Line($"  {terminal.Dim("disabled")}       {name}");
                break;
            case RuleOutcome.OwnRun:
                Line($"  {terminal.Dim("own run")}        {name}: the event is about a run that the rule itself started");
                break;
            default:
                Line($"  {terminal.Red("does not fire")}  {name}");
                Indented(verdict.Why.ToString(), 4);
                break;
        }
    }

    private void WritePlan(Verdict verdict)
    {
        if (verdict.DeduplicationKey is { } deduplicationKey)
        {
            Line($"    once for {deduplicationKey}");
        }

        if (verdict.Plan?.Fault is { } fault)
        {
            Line($"    {terminal.Red(verdict.Plan.Action is null ? "it would fail:" : "a default would be used:")} {fault}");
        }

        if (verdict.Plan?.Action is { } action)
        {
            Indented(Outline.Write(action), 4);
        }
    }

    private void Indented(string text, int by)
    {
        foreach (var line in text.Split('\n'))
        {
            Line(line.Length == 0 ? "" : new string(' ', by) + line.TrimEnd('\r'));
        }
    }

    private void Line(string text) => _text.Append(text).Append('\n');
}
