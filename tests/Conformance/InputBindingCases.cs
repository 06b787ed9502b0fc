namespace MLEvents.Conformance;

/// <summary>
/// The behaviour of input bindings on which the event-hub component depends. An event hub cannot run in a test, so a schedule raises the events. daprd handles the events
/// of all input bindings in the same way. The embedded sidecar has no input bindings.
/// </summary>
public sealed class InputBindingOnDaprd : Cases<Daprd>
{
    private const string Time = "readTimeUTC";
    private const string Ticks = "/ticks";

    [Fact]
    public async Task An_event_is_repeated_with_the_same_metadata_until_the_app_accepts_it()
    {
        await using var app = await FakeApp.StartAsync(configure: Refuse(3));
        await using var dapr = await StartAsync(Setup(app.Port) with { Resources = Schedule(), Resiliency = Retries("maxRetries: -1") });

        var calls = await app.WaitForAsync(IsFirst(app), 4);

        Assert.Equal(4, calls.Count);
    }

    [Fact]
    public async Task An_event_that_the_app_refuses_after_the_last_retry_is_not_repeated()
    {
        await using var app = await FakeApp.StartAsync(configure: app => app.Answer = (_, _) => Task.FromResult((500, "")));
        await using var dapr = await StartAsync(Setup(app.Port) with { Resources = Schedule(), Resiliency = Retries("maxRetries: 2") });

        // When the fourth event arrives, the first two events have been refused for the last time.
        await app.WaitForAsync(call => TimesOf(app).IndexOf(call.Headers[Time]) >= 3, 1);

        Assert.All(TimesOf(app).Take(2), time => Assert.Equal(3, app.Deliveries.Count(call => call.Headers[Time] == time)));
    }

    [Fact]
    public async Task Without_a_policy_a_refused_event_is_not_repeated()
    {
        await using var app = await FakeApp.StartAsync(configure: app => app.Answer = (_, _) => Task.FromResult((500, "")));
        await using var dapr = await StartAsync(Setup(app.Port) with { Resources = Schedule() });

        await app.WaitForAsync(call => TimesOf(app).IndexOf(call.Headers[Time]) >= 3, 1);

        Assert.All(TimesOf(app).Take(2), time => Assert.Single(app.Deliveries, call => call.Headers[Time] == time));
    }

    // Refuses the first deliveries of the first event.
    private static Action<FakeApp> Refuse(int times) => app => app.Answer = (call, _) =>
        Task.FromResult(call.Path == Ticks && IsFirst(app)(call) && app.Deliveries.Count(IsFirst(app)) <= times ? (500, "") : (200, ""));

    private static Func<Call, bool> IsFirst(FakeApp app) => call => TimesOf(app) is [var first, ..] && call.Headers[Time] == first;

    private static List<string> TimesOf(FakeApp app) => [.. app.Deliveries.Select(call => call.Headers[Time]).Distinct()];

    private static string Schedule() => Yaml.Component("ticks", "bindings.cron", "schedule: @every 1s", "direction: input", $"route: {Ticks}");

    private static string Retries(string limit) => $$"""
        apiVersion: dapr.io/v1alpha1
        kind: Resiliency
        metadata: { name: resiliency }
        spec:
          policies: { retries: { soon: { policy: constant, duration: 50ms, {{limit}} } } }
          targets: { components: { ticks: { inbound: { retry: soon } } } }
        """;
}
