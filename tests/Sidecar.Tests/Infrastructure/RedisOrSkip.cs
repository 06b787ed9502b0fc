namespace MLEvents.Local.Sidecar.Tests.Infrastructure;

/// <summary>Skips the tests that need a Redis server if no server is installed.</summary>
internal static class RedisOrSkip
{
    /// <summary>Starts the server. Skips the test if the server is not installed.</summary>
    public static Task StartOrSkipAsync(this RedisServer server)
    {
        Assert.SkipUnless(RedisServer.IsInstalled, RedisServer.NotInstalled);
        return server.StartAsync(TestContext.Current.CancellationToken);
    }
}
