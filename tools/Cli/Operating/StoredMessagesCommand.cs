using System.CommandLine;
using System.Text.Json;

namespace MLEvents.Cli.Operating;

/// <summary>The commands <c>list</c>, <c>show</c> and <c>replay</c> for one kind of messages that the ingress stores.</summary>
internal static class StoredMessagesCommand
{
    private static readonly Uri Ingress = new("http://localhost:5100");
    private static readonly string[] Columns = ["ID", "STATE", "RECEIVED", "TOPIC", "TYPE", "EVENT", "REASON"];

    public static Command Create(string kind, string description) => new(kind, description) { List(kind), Show(kind), Replay(kind) };

    private static Command List(string kind)
    {
        var options = new OperatorOptions(Ingress);
        var limit = Bounds.Limit();
        var state = new Option<string?>("--state") { Description = "Only open or only replayed messages." };
        state.AcceptOnlyFromAmong("open", "replayed");
        var command = new Command("list", "Lists the messages, the newest first.") { state, limit };
        options.AddTo(command);
        return command.Does((parsed, terminal, cancellationToken) => new Operation(parsed, terminal, options).ListAsync(
            client => client.ListAsync(parsed.GetValue(state) is { } wanted ? $"{kind}?state={wanted}" : kind, parsed.GetValue(limit), cancellationToken), Columns, Row));
    }

    private static Command Show(string kind)
    {
        var options = new OperatorOptions(Ingress);
        var id = new Argument<string>("id") { Description = "The id, from the list." };
        var command = new Command("show", "Shows a message with its headers and bytes.") { id };
        options.AddTo(command);
        return command.Does((parsed, terminal, cancellationToken) => new Operation(parsed, terminal, options).AskAsync(HttpMethod.Get, Path(kind, parsed.GetRequiredValue(id)), summarize: null, cancellationToken));
    }

    private static Command Replay(string kind)
    {
        var options = new OperatorOptions(Ingress);
        var ids = new Argument<string[]>("id") { Description = "Ids, from the list.", Arity = ArgumentArity.ZeroOrMore };
        var all = new Option<bool>("--all") { Description = "All open messages." };
        var force = new Option<bool>("--force") { Description = "Repeat the actions of the events." };
        var reason = ReasonOption.Create();
        var command = new Command("replay", "Publishes the events again with the same ids. Actions that were carried out are repeated only with --force.") { ids, all, force, reason };
        options.AddTo(command);
        command.Validators.Add(result =>
        {
            if ((result.GetValue(ids) is { Length: > 0 }) == result.GetValue(all))
            {
                result.AddError("Give ids, or --all.");
            }
        });
        return command.Does((parsed, terminal, cancellationToken) => ReplayAsync(kind, parsed.GetValue(all) ? null : parsed.GetRequiredValue(ids), ReasonOption.ToQuery(parsed.GetValue(force) ? "force=true" : null, parsed.GetValue(reason)), new Operation(parsed, terminal, options), options.Clients(parsed)[0], cancellationToken));
    }

    private static async Task<int> ReplayAsync(string kind, string[]? given, string query, Operation operation, OperatorClient client, CancellationToken cancellationToken)
    {
        using var asked = client;
        var ids = new List<string>(given ?? []);
        var code = given is not null ? ExitCodes.Done : await operation.TryAsync(async () =>
            ids.AddRange((await asked.ListAsync($"{kind}?state=open", int.MaxValue, cancellationToken)).Select(item => OperatorJson.Text(item, "id"))));
        foreach (var id in ids)
        {
            code = Math.Max(code, await operation.AskAsync(HttpMethod.Post, $"{Path(kind, id)}/replay{query}", Replayed, cancellationToken));
        }

        return code;
    }

    private static string Replayed(JsonElement answer) => $"{OperatorJson.Text(answer, "id")}: {OperatorJson.Text(answer, "published")} published again";

    private static string Path(string kind, string id) => $"{kind}/{Uri.EscapeDataString(id)}";

    private static string[] Row(JsonElement item) =>
    [
        OperatorJson.Text(item, "id"), OperatorJson.Text(item, "state"), OperatorJson.Time(item, "lastReceivedAt"), OperatorJson.Text(item, "topic"),
        OperatorJson.Text(item, "event", "type").Split('.')[^1], OperatorJson.Text(item, "event", "id"), OperatorJson.Text(item, "reason"),
    ];
}
