using System.CommandLine;
using System.Text;
using System.Text.Json;

using MLEvents.Cli.Operating;

namespace MLEvents.Cli;

/// <summary><c>mlevents explain</c>: why rules did or did not act on a past event.</summary>
internal static class ExplainCommand
{
    private const string Description = """
        Shows each rule that was in force when a past event arrived: whether the rule acted, and its condition clause by clause. A diff compares this
        result with the result of today's rule: lines with - are from the earlier rule, and lines with + are from today's rule. The dashboard creates
        the explanation. Without --url, the command asks the dashboard on this machine.

        Examples:
          mlevents explain 5f2c8a0e-9d3b-4a55-8a0c-3a2f6d1f0001
          mlevents explain 5f2c8a0e-9d3b-4a55-8a0c-3a2f6d1f0001 --json | jq '.services[].rules[] | select(.changed) | .rule'
        """;

    private static readonly Uri Dashboard = new("http://localhost:5104");

    public static Command Create()
    {
        var options = new OperatorOptions(Dashboard);
        var id = new Argument<string>("event-id") { Description = "The event's id, or the event's key, which is in the address of the event's page." };
        var command = new Command("explain", Description) { id };
        options.AddTo(command);
        return command.Does((parsed, terminal, cancellationToken) => new Operation(parsed, terminal, options).AskAsync(
            HttpMethod.Get, $"api/events/{Uri.EscapeDataString(parsed.GetRequiredValue(id))}/explanation", Text, cancellationToken));
    }

    private static string Text(JsonElement explanation)
    {
        var text = new StringBuilder($"{OperatorJson.Text(explanation, "type")} {OperatorJson.Text(explanation, "subject")}");
        foreach (var service in OperatorJson.List(explanation, "services"))
        {
            text.Append($"\n\n{OperatorJson.Text(service, "service")}, rules version {OperatorJson.Text(service, "version")}");
            if (OperatorJson.Text(service, "fault") is { Length: > 0 } fault)
            {
                text.Append($"\n  {fault}");
            }

            foreach (var rule in OperatorJson.List(service, "rules"))
            {
                AddRule(text, rule);
            }
        }

        return text.ToString();
    }

    private static void AddRule(StringBuilder text, JsonElement rule)
    {
        text.Append($"\n  {OperatorJson.Text(rule, "rule")}: {OperatorJson.Text(rule, "result")}");
        AddClauses(text, OperatorJson.Member(rule, "then"), "    ");
        var difference = rule.TryGetProperty("difference", out _) ? OperatorJson.List(rule, "difference").Where(line => OperatorJson.Text(line, "kind") != "Common").ToList() : [];
        if (difference.Count == 0 && OperatorJson.Text(rule, "changed") != "True")
        {
            return;
        }

        text.Append($"\n    today: {(OperatorJson.Text(rule, "today", "outcome") is { Length: > 0 } outcome ? outcome : "the rule does not exist")}");
        if (difference.Count == 0)
        {
            AddClauses(text, OperatorJson.Member(rule, "today"), "      ");
        }

        foreach (var line in difference)
        {
            text.Append($"\n      {(OperatorJson.Text(line, "kind") == "Added" ? '+' : '-')} {OperatorJson.Text(line, "text")}");
        }
    }

    private static void AddClauses(StringBuilder text, JsonElement verdict, string indent)
    {
        if (verdict.ValueKind == JsonValueKind.Object)
        {
            AddClause(text, OperatorJson.Member(verdict, "why"), indent);
        }
    }

    private static void AddClause(StringBuilder text, JsonElement clause, string indent)
    {
        text.Append($"\n{indent}{(OperatorJson.Text(clause, "matched") == "True" ? "yes" : "no ")} {OperatorJson.Text(clause, "what")}: {OperatorJson.Text(clause, "why")}");
        foreach (var part in OperatorJson.List(clause, "parts"))
        {
            AddClause(text, part, indent + "  ");
        }
    }
}
