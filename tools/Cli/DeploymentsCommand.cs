using System.CommandLine;
using System.Text.Json;

using MLEvents.Cli.Operating;

namespace MLEvents.Cli;

/// <summary><c>mlevents deployments</c>: requests a roll-back or a roll-out.</summary>
internal static class DeploymentsCommand
{
    private const string Description = """
        Requests a roll-back or a roll-out. The deployer records both like the actions of rules. To see their progress, run: mlevents actions show ID

        Examples:
          mlevents deployments rollback churn-scoring                      to an earlier deployment, the default of --to
          mlevents deployments rollback churn-scoring --to m11-5186b2cc
          mlevents deployments start churn-rollout --model churn:12        even if the rule's condition does not match
        """;

    private static readonly Uri[] Local = [new("http://localhost:5103")];

    public static Command Create() => new("deployments", Description) { Rollback(), Start() };

    private static Command Rollback()
    {
        var options = new OperatorOptions(Local);
        var endpoint = new Argument<string>("endpoint") { Description = "The online endpoint." };
        var to = new Option<string?>("--to") { Description = "The deployment that gets all traffic. Default: the candidate with the most traffic, or the newest candidate if none has traffic. The candidates are successfully provisioned and older than the newest deployment with traffic." };
        var workspace = Workspace();
        var reason = ReasonOption.Create();
        var command = new Command("rollback", "Moves all traffic to an earlier deployment. A running roll-out with a strategy first restores the endpoint's earlier traffic and ends.") { endpoint, to, workspace, reason };
        options.AddTo(command);
        return command.Does((parsed, terminal, cancellationToken) => new Operation(parsed, terminal, options).AskAsync(
            HttpMethod.Post,
            Path("rollback", ("endpoint", parsed.GetRequiredValue(endpoint)), ("to", parsed.GetValue(to)), ("workspace", parsed.GetValue(workspace)), ("reason", parsed.GetValue(reason))),
            Now,
            cancellationToken));
    }

    private static Command Start()
    {
        var options = new OperatorOptions(Local);
        var rule = new Argument<string>("rule") { Description = "The deployment rule." };
        var model = new Option<string>("--model") { Description = "The registered model, as name:version.", Required = true };
        var workspace = Workspace();
        var reason = ReasonOption.Create();
        var command = new Command("start", "Rolls out a registered model with the plan of a rule.") { rule, model, workspace, reason };
        options.AddTo(command);
        return command.Does((parsed, terminal, cancellationToken) => new Operation(parsed, terminal, options).AskAsync(
            HttpMethod.Post,
            Path("start", ("rule", parsed.GetRequiredValue(rule)), ("model", parsed.GetRequiredValue(model)), ("workspace", parsed.GetValue(workspace)), ("reason", parsed.GetValue(reason))),
            Now,
            cancellationToken));
    }

    private static Option<string?> Workspace() => new("--workspace") { Description = "The ARM id of the workspace. Default: the only one that the deployer's settings allow." };

    private static string Path(string what, params IEnumerable<(string Name, string? Value)> query) =>
        $"deployments/{what}?{string.Join('&', query.Where(part => part.Value is not null).Select(part => $"{part.Name}={Uri.EscapeDataString(part.Value ?? "")}"))}";

    private static string Now(JsonElement action) => $"action {OperatorJson.Text(action, "id")}: {OperatorJson.Text(action, "detail")}";
}
