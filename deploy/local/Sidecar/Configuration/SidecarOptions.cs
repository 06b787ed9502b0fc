namespace MLEvents.Local.Sidecar.Configuration;

/// <summary>Options of one sidecar: its app, its addresses, and the resources that it loads.</summary>
public sealed class SidecarOptions
{
    /// <summary>Identity of the app: name of its consumer groups, prefix of its state keys, <c>source</c> of its events. Required.</summary>
    public required string AppId { get; set; }

    /// <summary>TCP port of the app, 1 to 65535. Default none: the app calls the sidecar, and the sidecar does not call the app.</summary>
    public int? AppPort { get; set; }

    /// <summary>Host name or address of the app. Default 127.0.0.1.</summary>
    public string AppChannelAddress { get; set; } = "127.0.0.1";

    /// <summary>Maximum number of requests from the sidecar to the app at the same time, 1 or more. Default: no limit.</summary>
    public int? AppMaxConcurrency { get; set; }

    /// <summary>TCP port of the HTTP API, 0 for any free port. Default 3500.</summary>
    public int HttpPort { get; set; } = 3500;

    /// <summary>TCP port of the gRPC API, 0 for any free port. Default 50001.</summary>
    public int GrpcPort { get; set; } = 50001;

    /// <summary>Address of both APIs. Default 127.0.0.1.</summary>
    public string ListenAddress { get; set; } = "127.0.0.1";

    /// <summary>Folders (or files) with components, subscriptions and resiliency policies. Default none.</summary>
    public IList<string> ResourcesPaths { get; } = [];

    /// <summary>File of kind <c>Configuration</c>. Default none.</summary>
    public string? ConfigFile { get; set; }

    /// <summary>Folder below which relative paths in components are resolved, such as those of databases. The sidecar creates it if it does not exist. Default <c>.local</c>.</summary>
    public string DataDirectory { get; set; } = ".local";

    /// <summary>How long a stopping sidecar waits for deliveries in flight. Default 5 s, as in daprd.</summary>
    public TimeSpan GracefulShutdown { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Lowest level that is logged. Default information.</summary>
    public LogLevel LogLevel { get; set; } = LogLevel.Information;

    /// <summary>Token that callers of the APIs must send in <c>dapr-api-token</c>. Default none: no check. The program reads it from the environment variable <c>DAPR_API_TOKEN</c>.</summary>
    public string? ApiToken { get; set; }

    /// <summary>Token that the sidecar sends to the app in <c>dapr-api-token</c>. Default none. The program reads it from the environment variable <c>APP_API_TOKEN</c>.</summary>
    public string? AppApiToken { get; set; }

    /// <summary>Clock of retries, leases and time stamps. Default: the system clock.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>Returns a random number from 0 to 1 for the jitter of retries. Default <see cref="Random.Shared"/>.</summary>
    public Func<double> Jitter { get; set; } = Random.Shared.NextDouble;

    /// <summary>Adds logger providers. Default none: nothing is written.</summary>
    public Action<ILoggingBuilder> ConfigureLogging { get; set; } = _ => { };
}
