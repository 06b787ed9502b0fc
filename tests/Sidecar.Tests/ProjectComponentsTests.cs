using MLEvents.Local.Sidecar.Tests.Infrastructure;

namespace MLEvents.Local.Sidecar.Tests;

/// <summary>The component files of the repository can be loaded unchanged, for each app in their scopes.</summary>
public sealed class ProjectComponentsTests
{
    public ProjectComponentsTests()
    {
        Environment.SetEnvironmentVariable("TEAMS_WEBHOOK_URL", "http://127.0.0.1:1/teams");
        Environment.SetEnvironmentVariable("SLACK_WEBHOOK_URL", "http://127.0.0.1:1/slack");
        Environment.SetEnvironmentVariable("GENERIC_WEBHOOK_URL", "http://127.0.0.1:1/webhook");
    }

    [Theory]
    [InlineData("ingress", "pubsub replays secretstore statestore")]
    [InlineData("notifier", "archive chains pubsub replays secretstore slack statestore teams webhook")]
    [InlineData("retrainer", "chains pubsub replays secretstore statestore")]
    [InlineData("deployer", "chains pubsub replays secretstore statestore")]
    [InlineData("dashboard", "pubsub secretstore")]
    public async Task An_app_gets_the_components_of_its_scope(string appId, string names)
    {
        using var folder = new TempFolder();
        await using var sidecar = await TestSidecar.StartAsync(folder, null, "", options =>
        {
            options.AppId = appId;
            options.ResourcesPaths.Add(Repository.PathOf("components", "embedded"));
        });

        var loaded = sidecar.Logs.Where(log => log.Message.EndsWith("loaded", StringComparison.Ordinal)).Select(log => log.Message.Split(' ')[1]);

        Assert.Equal(names, string.Join(' ', loaded.Order(StringComparer.Ordinal)));
    }

    /// <summary>The components for daprd can also be loaded, except those that need a Redis server.</summary>
    [Theory]
    [InlineData("ingress", "secretstore")]
    [InlineData("notifier", "archive secretstore slack teams webhook")]
    [InlineData("retrainer", "secretstore")]
    public async Task An_app_gets_the_components_for_daprd_that_need_no_Redis_server(string appId, string names)
    {
        using var folder = new TempFolder();
        await using var sidecar = await TestSidecar.StartAsync(folder, null, "", options =>
        {
            options.AppId = appId;
            foreach (var file in Directory.EnumerateFiles(Repository.PathOf("components", "redis")).Where(file => !File.ReadAllText(file).Contains(".redis\n", StringComparison.Ordinal)))
            {
                options.ResourcesPaths.Add(file);
            }
        });

        var loaded = sidecar.Logs.Where(log => log.Message.EndsWith("loaded", StringComparison.Ordinal)).Select(log => log.Message.Split(' ')[1]);

        Assert.Equal(names, string.Join(' ', loaded.Order(StringComparer.Ordinal)));
    }
}
