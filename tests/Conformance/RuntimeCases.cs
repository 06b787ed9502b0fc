using System.Net;
using System.Text.Json;

namespace MLEvents.Conformance;

/// <summary>Tokens, health and metadata.</summary>
public abstract class RuntimeCases<TRuntime> : Cases<TRuntime>
    where TRuntime : IRuntime, new()
{
    [Fact]
    public async Task A_call_without_the_token_is_refused()
    {
        await using var dapr = await StartAsync(Setup() with { ApiToken = "t0ken" });

        using var refused = await dapr.Http.GetAsync(At("/v1.0/metadata"), Token);
        dapr.Http.DefaultRequestHeaders.Add("dapr-api-token", "t0ken");
        using var admitted = await dapr.Http.GetAsync(At("/v1.0/metadata"), Token);

        Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.OK), (refused.StatusCode, admitted.StatusCode));
    }

    [Fact]
    public async Task The_app_s_token_is_sent_with_every_delivery()
    {
        await using var app = await FakeApp.StartAsync(configure: app => app.Subscribe("pubsub", Topic));
        await using var dapr = await StartAsync(Setup(app.Port) with { AppToken = "apptok" });

        using var published = await PublishAsync(dapr, "1");
        var call = (await app.WaitForAsync(1))[0];

        Assert.Equal("apptok", call.Headers["Dapr-Api-Token"]);
    }

    [Fact]
    public async Task Metadata_lists_the_app_the_components_and_the_subscriptions()
    {
        await using var app = await FakeApp.StartAsync(configure: app => app.Subscribe("pubsub", Topic));
        await using var dapr = await StartAsync(Setup(app.Port));

        using var metadata = JsonDocument.Parse(await dapr.Http.GetStringAsync(At("/v1.0/metadata"), Token));

        Assert.Equal(AppId, metadata.RootElement.GetProperty("id").GetString());
        Assert.Equal(["pubsub", "statestore"], metadata.RootElement.GetProperty("components").EnumerateArray().Select(component => component.GetProperty("name").GetString()).Order());
        Assert.Equal(Topic, Assert.Single(metadata.RootElement.GetProperty("subscriptions").EnumerateArray()).GetProperty("topic").GetString());
    }

    [Theory]
    [InlineData("/v1.0/healthz")]
    [InlineData("/v1.0/healthz/outbound")]
    public async Task The_health_endpoints_of_a_healthy_runtime_answer_204(string path)
    {
        await using var dapr = await StartAsync(Setup());

        using var answer = await dapr.Http.GetAsync(At(path), Token);

        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
    }
}

public sealed class RuntimeOnEmbedded : RuntimeCases<EmbeddedSidecar>;

public sealed class RuntimeOnDaprd : RuntimeCases<Daprd>
{
    // SubscriptionMonitor of the services depends on this behaviour. The embedded sidecar differs: it asks until the app answers, and does not shut down on
    // request.
    [Fact]
    public async Task If_the_app_ends_before_it_answers_daprd_never_asks_for_subscriptions_again_and_shuts_down_on_request()
    {
        await using var app = await FakeApp.StartAsync(configure: app => app.Subscribe("pubsub", Topic).AbortsSubscribe = true);
        await using var dapr = await StartAsync(Setup(app.Port));
        await app.WaitForSubscribersAsync(1);
        await Poll.UntilAsync(IsHealthyAsync(dapr), healthy => healthy, Token);
        app.AbortsSubscribe = false;
        var asked = Asked(app);

        using var metadata = JsonDocument.Parse(await dapr.Http.GetStringAsync(At("/v1.0/metadata"), Token));
        using var answer = await dapr.Http.PostAsync(At("/v1.0/shutdown"), null, Token);
        await Poll.UntilAsync(IsHealthyAsync(dapr), healthy => !healthy, Token);

        Assert.Equal((app.Port, HttpStatusCode.NoContent), (metadata.RootElement.GetProperty("appConnectionProperties").GetProperty("port").GetInt32(), answer.StatusCode));
        Assert.False(metadata.RootElement.TryGetProperty("subscriptions", out _), "daprd has subscriptions");
        Assert.Equal(asked, Asked(app));
    }

    private static int Asked(FakeApp app) => app.All.Count(call => call.Path == "/dapr/subscribe");

    private static Func<CancellationToken, Task<bool>> IsHealthyAsync(RunningDapr dapr) => async token =>
    {
        try
        {
            using var answer = await dapr.Http.GetAsync(At("/v1.0/healthz"), token);
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    };
}
