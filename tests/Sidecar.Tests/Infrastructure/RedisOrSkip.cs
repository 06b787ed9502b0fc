namespace MLEvents.Local.Sidecar.Tests.Infrastructure;

/// <summary>Skips tests that need a Redis server if there is none.</summary>
internal static class RedisOrSkip
{
    /// <summary>Starts the server, or skips the test.</summary>
    public static Task StartOrSkipAsync(this RedisServer server)
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.NotInstalled);
        return server.StartAsync(TestContext.Current.CancellationToken);
    }
}
