using MLEvents.Local.Sidecar.Tests.Infrastructure;

namespace MLEvents.Local.Sidecar.Tests;

/// <summary>The component files of the repository load as they are, for each app that is in their scopes.</summary>
public sealed class ProjectComponentsTests
{
    [Theory]
    [InlineData("ingress", "pubsub secretstore")]
    [InlineData("notifier", "archive pubsub secretstore statestore teams webhook")]
    [InlineData("retrainer", "pubsub secretstore statestore")]
    [InlineData("deployer", "pubsub secretstore statestore")]
    [InlineData("dashboard", "")]
    public async Task An_app_gets_the_components_of_its_scope(string appId, string names)
    {
        Environment.SetEnvironmentVariable("TEAMS_WEBHOOK_URL", "http://127.0.0.1:1/teams");
        Environment.SetEnvironmentVariable("GENERIC_WEBHOOK_URL", "http://127.0.0.1:1/webhook");
        using var folder = new TempFolder();
        await using var sidecar = await TestSidecar.StartAsync(folder, null, "", options =>
        {
            options.AppId = appId;
            options.ResourcesPaths.Add(Repository.PathOf("components", "embedded"));
        });

        var loaded = sidecar.Logs.Where(log => log.Message.EndsWith("loaded", StringComparison.Ordinal)).Select(log => log.Message.Split(' ')[1]);

        Assert.Equal(names, string.Join(' ', loaded.Order(StringComparer.Ordinal)));
    }
}
