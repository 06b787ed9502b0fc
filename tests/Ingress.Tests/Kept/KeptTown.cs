using System.Net.Http.Json;
using System.Text;
using System.Text.Json;

using MLEvents.Tests.Common;
using MLEvents.Tests.Common.Town;

namespace MLEvents.Ingress.Tests.Kept;

/// <summary>The ingress beside a sidecar that delivers to it, and the operators' API.</summary>
internal sealed class KeptTown : IAsyncDisposable
{
    public const string OperatorToken = "an-operator-token-for-tests";

    private KeptTown()
    {
        Town = new TestTown("ingress", configure => IngressService.Create([], configure));
        Town.Settings["Ingress:Keys:0"] = IngressTown.Key;
        Town.Settings["Operations:Token"] = OperatorToken;
    }

    public TestTown Town { get; }

    public RunningService Service => Town.Service;

    public static async Task<KeptTown> StartAsync(CancellationToken cancellationToken)
    {
        var town = new KeptTown();
        await town.Town.StartAsync(cancellationToken);
        return town;
    }

    /// <summary>Posts a body to the webhook.</summary>
    public async Task<HttpResponseMessage> PostEventsAsync(string body, CancellationToken cancellationToken, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/events?code=" + IngressTown.Key) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await Service.Client.SendAsync(request, cancellationToken);
    }

    /// <summary>Asks the operators' API.</summary>
    public async Task<(int Status, JsonElement Body)> AskAsync(HttpMethod method, string path, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.TryAddWithoutValidation("x-api-key", OperatorToken);
        using var response = await Service.Client.SendAsync(request, cancellationToken);
        return ((int)response.StatusCode, await response.Content.ReadFromJsonAsync<JsonElement>(cancellationToken));
    }

    /// <summary>The only message that is kept, once it fits.</summary>
    public async Task<JsonElement> OnlyAsync(string kind, CancellationToken cancellationToken, Func<JsonElement, bool>? fits = null)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        while (true)
        {
            var (_, list) = await AskAsync(HttpMethod.Get, "/" + kind, deadline.Token);
            if (list.TryGetProperty("items", out var items) && items.GetArrayLength() == 1 && fits?.Invoke(items[0]) != false)
            {
                return items[0];
            }

            await poll.WaitForNextTickAsync(deadline.Token);
        }
    }

    public ValueTask DisposeAsync() => Town.DisposeAsync();
}
