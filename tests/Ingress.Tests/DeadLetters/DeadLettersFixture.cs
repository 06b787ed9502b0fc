using System.Text;
using System.Text.Json;

using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Ingress.Tests.DeadLetters;

/// <summary>The ingress with a sidecar that delivers to it, and the operators' API.</summary>
internal sealed class DeadLettersFixture : IAsyncDisposable
{
    public const string OperatorToken = OperatorApi.Token;

    private DeadLettersFixture()
    {
        Fixture = new ServiceFixture("ingress", configure => IngressService.Create([], configure));
        Fixture.Settings["Ingress:Keys:0"] = IngressFixture.Key;
    }

    public ServiceFixture Fixture { get; }

    public RunningService Service => Fixture.Service;

    public static async Task<DeadLettersFixture> StartAsync(CancellationToken cancellationToken, params (string Key, string? Value)[] settings)
    {
        var fixture = new DeadLettersFixture();
        foreach (var (key, value) in settings)
        {
            if (value is null)
            {
                fixture.Fixture.Settings.Remove(key);
            }
            else
            {
                fixture.Fixture.Settings[key] = value;
            }
        }

        await fixture.Fixture.StartAsync(cancellationToken);
        await fixture.SubscribedAsync(cancellationToken);
        return fixture;
    }

    // The broker deletes messages that all groups have handled, so the group of the ingress must exist before the first message.
    private async Task SubscribedAsync(CancellationToken cancellationToken)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        deadline.CancelAfter(TimeSpan.FromSeconds(60));
        using var http = SidecarTokens.CreateClient(SidecarTokens.Dapr);
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(20), TimeProvider.System);
        string[] groups = ["topic=\"dead-letters\",group=\"ingress\"", "topic=\"quarantine\",group=\"ingress\""];
        var metrics = "";
        while (!groups.All(group => metrics.Contains(group, StringComparison.Ordinal)))
        {
            await poll.WaitForNextTickAsync(deadline.Token);
            metrics = await http.GetStringAsync(new Uri(Fixture.Settings["DAPR_HTTP_ENDPOINT"] + "/metrics"), deadline.Token);
        }
    }

    /// <summary>Posts a body to the webhook.</summary>
    public async Task<HttpResponseMessage> PostEventsAsync(string body, CancellationToken cancellationToken, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/events?code=" + IngressFixture.Key) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        foreach (var (name, value) in headers)
        {
            request.Headers.TryAddWithoutValidation(name, value);
        }

        return await Service.Client.SendAsync(request, cancellationToken);
    }

    /// <summary>Sends a request to the operators' API.</summary>
    public Task<(int Status, JsonElement Body)> AskAsync(HttpMethod method, string path, CancellationToken cancellationToken) => Service.AskAsync(method, path, cancellationToken);

    /// <summary>Waits until exactly one message is listed, and returns this message.</summary>
    public async Task<JsonElement> OnlyAsync(string kind, CancellationToken cancellationToken) =>
        (await Service.AskUntilAsync("/" + kind, list => list.GetProperty("items").GetArrayLength() == 1, cancellationToken)).GetProperty("items")[0];

    public ValueTask DisposeAsync() => Fixture.DisposeAsync();
}
