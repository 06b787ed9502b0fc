using System.Text.Json.Nodes;

using MLEvents.Local.Simulator.Client;

namespace MLEvents.Containers.Running;

/// <summary>Calls the simulator that runs in a container.</summary>
internal sealed class ContainerSimulator(int port) : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(200);
    private readonly SimulatorClient _simulator = new(new Uri($"http://127.0.0.1:{port}"));

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Subscribes the ingress with the file that docker-compose.yml uses, and waits until the subscription has succeeded.</summary>
    public async Task SubscribeAsync(int ingress)
    {
        var json = (await File.ReadAllTextAsync(Repository.PathOf("deploy/event-grid/simulator-subscription.json"), Token)).Replace(":5100/", $":{ingress}/", StringComparison.Ordinal);
        var subscription = JsonNode.Parse(json) ?? throw new InvalidOperationException("simulator-subscription.json contains null.");
        await UntilAsync("the subscription has succeeded, with the handshake", async () => await _simulator.SubscribeAsync("test", subscription, Deadline, Token) == "Succeeded");
    }

    public Task DriftAsync() => _simulator.DriftAsync("churn-drift", 0.74, Token);

    /// <summary>The subjects of the timeline entries of one kind.</summary>
    public async Task<IReadOnlyList<string>> SubjectsAsync(string kind) =>
        [.. (await _simulator.TimelineAsync(Token)).Entries.Where(entry => entry.Kind == kind).Select(entry => entry.Subject)];

    /// <summary>Waits until a condition holds. If the simulator does not answer yet, asks it again. Fails the test after 3 minutes.</summary>
    public static async Task UntilAsync(string what, Func<Task<bool>> holds)
    {
        try
        {
            await Poll.UntilAsync(_ => HoldsAsync(holds), held => held, Token, Interval, Deadline);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"The condition was not true within {Deadline.TotalSeconds:F0} s: {what}");
        }
    }

    public void Dispose() => _simulator.Dispose();

    private static async Task<bool> HoldsAsync(Func<Task<bool>> holds)
    {
        try
        {
            return await holds();
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException { InnerException: TimeoutException })
        {
            // The simulator does not listen yet: the connection is refused, or the proxy of the engine accepts it and sends no answer.
            return false;
        }
    }
}
