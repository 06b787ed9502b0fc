using System.Text.Json;

namespace MLEvents.Tests.Common;

/// <summary>Calls the operators' API of a service.</summary>
public static class OperatorApi
{
    /// <summary>The operator token of the services under test.</summary>
    public const string Token = "an-operator-token-for-tests";

    /// <summary>Sends a request with the operator token, and returns the status code and the body of the answer.</summary>
    public static async Task<(int Status, JsonElement Body)> AskAsync(this RunningService service, HttpMethod method, string path, CancellationToken cancellationToken, int depth = 64)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.TryAddWithoutValidation("x-api-key", Token);
        using var response = await service.Client.SendAsync(request, cancellationToken);
        using var document = await JsonDocument.ParseAsync(await response.Content.ReadAsStreamAsync(cancellationToken), new() { MaxDepth = depth }, cancellationToken);
        return ((int)response.StatusCode, document.RootElement.Clone());
    }

    /// <summary>Reads a path of a service until the answer meets a condition.</summary>
    /// <exception cref="OperationCanceledException">No answer met the condition within 60 s, or the token was cancelled.</exception>
    public static async Task<JsonElement> AskUntilAsync(this RunningService service, string path, Func<JsonElement, bool> fits, CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        while (true)
        {
            if (await service.AskAsync(HttpMethod.Get, path, deadline.Token) is { Status: 200, Body: var body } && fits(body))
            {
                return body;
            }

            await poll.WaitForNextTickAsync(deadline.Token);
        }
    }
}
