namespace MLEvents.Local.Sidecar.State.Redis;

/// <summary>The metadata of a <c>state.redis</c> component, with daprd's names and defaults.</summary>
internal sealed record RedisStateOptions
{
    /// <summary>Host and port of the server. Default port 6379.</summary>
    public required string Host { get; init; }

    /// <summary>User of Redis' access control lists; null for the default user.</summary>
    public string? UserName { get; init; }

    /// <summary>Password; null for none.</summary>
    public string? Password { get; init; }

    /// <summary>Number of the logical database. Default 0.</summary>
    public int Database { get; init; }

    /// <summary>Whether to use TLS. Default false.</summary>
    public bool EnableTls { get; init; }

    /// <summary>Time to live of values that are saved without one; null for none. Default null.</summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>Maximum time to open a connection. Default 5 s.</summary>
    public TimeSpan DialTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Maximum time for an answer. It includes the time in which a lost connection is re-established. Default 3 s.</summary>
    public TimeSpan ReadTimeout { get; init; } = TimeSpan.FromSeconds(3);
}
