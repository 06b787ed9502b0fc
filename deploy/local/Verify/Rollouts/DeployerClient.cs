using System.Net.Http.Headers;
using System.Text.Json.Nodes;

using MLEvents.ServiceDefaults;

namespace MLEvents.Local.Verify.Rollouts;

/// <summary>Reads actions of the deployer and approves them. Calls wait while the deployer is down.</summary>
internal sealed class DeployerClient(Uri deployer) : IDisposable
{
    private readonly HttpClient _http = new(new RetryUntilReachableHandler())
    {
        BaseAddress = deployer,
        DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", OperationsOptions.LocalToken) },
    };

    /// <summary>Reads an action. The status is empty if the deployer does not have the action yet, or cannot reach its state store.</summary>
    public async Task<RolloutAction> ReadAsync(string id, CancellationToken cancellationToken)
    {
        using var answer = await _http.GetAsync(new Uri($"/actions/{id}", UriKind.Relative), cancellationToken);
        var action = answer.IsSuccessStatusCode ? await answer.Content.ReadFromJsonAsync<JsonObject>(cancellationToken) : null;
        return new(id, (string?)action?["status"] ?? "", (string?)action?["stage"] ?? "", (string?)action?["detail"] ?? "");
    }

    /// <summary>Approves an action. The answer is ignored: if the decision was not recorded, the caller approves again after its next read of the action.</summary>
    public async Task ApproveAsync(string id, CancellationToken cancellationToken)
    {
        using var answer = await _http.PostAsJsonAsync(new Uri($"/approvals/{id}/approve", UriKind.Relative), new { comment = "approved by the verification" }, cancellationToken);
    }

    public void Dispose() => _http.Dispose();
}
