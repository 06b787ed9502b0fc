using System.CommandLine;
using System.Text.Json;
using System.Text.Json.Nodes;

using MLEvents.Cli.Operating;

namespace MLEvents.Cli;

/// <summary><c>mlevents approvals</c>: the actions that wait for an approval.</summary>
internal static class ApprovalsCommand
{
    private const string Description = """
        Lists the actions that wait for an approval, and approves or rejects them. Without --url, the command asks the retrainer and the deployer on this
        machine. A request for an approval is called a question.
        A decision is recorded with your name, the time and the comment, and cannot be changed.

        Examples:
          mlevents approvals list
          mlevents approvals show 5186b2cc012397914252
          mlevents approvals approve 5186b2cc012397914252 --comment "better on all segments"
          mlevents approvals reject 5186b2cc012397914252 --comment "wait for the audit"
        """;

    private static readonly Uri[] Local = [new("http://localhost:5102"), new("http://localhost:5103")];
    private static readonly string[] Columns = ["ID", "SERVICE", "RULE", "BEFORE", "APPROVALS", "UNTIL", "ON TIMEOUT", "EVENT", "EVIDENCE"];

    public static Command Create() => new("approvals", Description)
    {
        List(), Show(),
        Decide("approve", "Approves an action. It continues when the required number of people have approved it."),
        Decide("reject", "Rejects an action, which is then skipped."),
    };

    private static Command List()
    {
        var options = new OperatorOptions(Local);
        var limit = Bounds.Limit();
        var rule = new Option<string?>("--rule") { Description = "Only questions about actions of this rule." };
        var command = new Command("list", "Lists the open questions.") { rule, limit };
        options.AddTo(command);
        return command.Does((parsed, terminal, cancellationToken) => new Operation(parsed, terminal, options).ListAsync(
            client => client.ListAsync(parsed.GetValue(rule) is { } name ? $"approvals?rule={Uri.EscapeDataString(name)}" : "approvals", parsed.GetValue(limit), cancellationToken), Columns, Row));
    }

    private static Command Show()
    {
        var options = new OperatorOptions(Local);
        var id = Id();
        var command = new Command("show", "Shows the question about an action, with its evidence and the decisions so far.") { id };
        options.AddTo(command);
        return command.Does((parsed, terminal, cancellationToken) => new Operation(parsed, terminal, options).AskAsync(HttpMethod.Get, Path(parsed.GetRequiredValue(id)), summarize: null, cancellationToken));
    }

    private static Command Decide(string decision, string description)
    {
        var options = new OperatorOptions(Local);
        var id = Id();
        var comment = new Option<string?>("--comment") { Description = "The reason. It is recorded with the decision." };
        var command = new Command(decision, description) { id, comment };
        options.AddTo(command);
        return command.Does((parsed, terminal, cancellationToken) => new Operation(parsed, terminal, options).AskAsync(
            HttpMethod.Post, $"{Path(parsed.GetRequiredValue(id))}/{decision}", new JsonObject { ["comment"] = parsed.GetValue(comment) }, Summarize, cancellationToken));
    }

    private static Argument<string> Id() => new("id") { Description = "The action's id, from the list or the notice." };

    private static string Path(string id) => $"approvals/{Uri.EscapeDataString(id)}";

    private static string Summarize(JsonElement question) => $"{OperatorJson.Text(question, "id")} is {OperatorJson.Text(question, "status")}: {Approvals(question)} approvals";

    private static string Approvals(JsonElement question) => question.TryGetProperty("decisions", out var decisions) && decisions.ValueKind == JsonValueKind.Array
        ? $"{decisions.EnumerateArray().Count(decision => OperatorJson.Text(decision, "decision") == "approved")} of {OperatorJson.Text(question, "required")}"
        : "";

    private static string[] Row(JsonElement item) =>
    [
        OperatorJson.Text(item, "id"), OperatorJson.Text(item, "service"), OperatorJson.Text(item, "rule"), OperatorJson.Text(item, "before"), Approvals(item),
        OperatorJson.Time(item, "expiresAt"), OperatorJson.Text(item, "onTimeout"), OperatorJson.Text(item, "event", "id"), Evidence(item),
    ];

    private static string Evidence(JsonElement item) => item.TryGetProperty("evidence", out var evidence) && evidence.ValueKind == JsonValueKind.Object
        ? string.Join("; ", evidence.EnumerateObject().Where(part => part.Name != "event").Select(part => $"{part.Name} {OperatorJson.Safe(part.Value.ToString())}"))
        : "";
}
