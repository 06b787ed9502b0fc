using System.Net.Http.Headers;
using System.Text.Json.Nodes;

using MLEvents.ServiceDefaults;

namespace MLEvents.Local.Host;

/// <summary>Shows the question of a roll-out that waits for an approval. With <c>--once</c>, it also approves.</summary>
internal sealed class ScenarioApprover(Uri deployer, ConsoleWriter console, bool decides) : IDisposable
{
    private readonly HttpClient _http = new(new SocketsHttpHandler { AllowAutoRedirect = false })
    {
        BaseAddress = deployer,
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", OperationsOptions.LocalToken) },
    };

    /// <summary>Shows the open questions after the step <see cref="ApprovalScenario.Requested"/>; does nothing after other steps.</summary>
    public async Task ShowAsync(CompletedStep step, CancellationToken cancellationToken)
    {
        if (step.Name != ApprovalScenario.Requested)
        {
            return;
        }

        var questions = await _http.GetFromJsonAsync(new Uri("/approvals", UriKind.Relative), HostJson.Default.JsonObject, cancellationToken);
        foreach (var question in (questions?["items"] as JsonArray ?? []).OfType<JsonObject>())
        {
            await ShowAsync(question, cancellationToken);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task ShowAsync(JsonObject question, CancellationToken cancellationToken)
    {
        var id = (string?)question["id"];
        console.Line($"  the rule {question["rule"]} asks before {question["before"]}, until {question["expiresAt"]}:");
        foreach (var (name, text) in question["evidence"] as JsonObject ?? [])
        {
            console.Line($"    {name}: {text}");
        }

        console.Line($"  mlevents approvals approve {id}   or   mlevents approvals reject {id}");
        if (decides)
        {
            var decision = new JsonObject { ["comment"] = "approved by the scenario (--once)" };
            using var answer = await _http.PostAsJsonAsync(new Uri($"/approvals/{id}/approve", UriKind.Relative), decision, HostJson.Default.JsonObject, cancellationToken);
            answer.EnsureSuccessStatusCode();
            console.Line("  approved by the scenario, because of --once");
        }
    }
}
