namespace MLEvents.Local.Sidecar.Configuration;

/// <summary>What one sidecar serves: the app it belongs to, where it listens, and which resources it loads.</summary>
public sealed class SidecarOptions
{
    /// <summary>Identity of the app: name of its consumer groups, prefix of its state keys, <c>source</c> of its events. Required.</summary>
    public required string AppId { get; set; }

    /// <summary>TCP port the app listens on, 1 to 65535. Default none: the app only calls the sidecar and is never called.</summary>
    public int? AppPort { get; set; }

    /// <summary>Host name or address of the app. Default 127.0.0.1.</summary>
    public string AppChannelAddress { get; set; } = "127.0.0.1";

    /// <summary>Most requests the sidecar keeps in flight towards the app, 1 upwards. Default none: no limit.</summary>
    public int? AppMaxConcurrency { get; set; }

    /// <summary>TCP port of the HTTP API, 0 for any free one. Default 3500.</summary>
    public int HttpPort { get; set; } = 3500;

    /// <summary>TCP port of the gRPC API, 0 for any free one. Default 50001.</summary>
    public int GrpcPort { get; set; } = 50001;

    /// <summary>Address both APIs listen on. Default 127.0.0.1.</summary>
    public string ListenAddress { get; set; } = "127.0.0.1";

    /// <summary>Folders (or files) with components, subscriptions and resiliency policies. Default none.</summary>
    public IList<string> ResourcesPaths { get; } = [];

    /// <summary>File of kind <c>Configuration</c>. Default none.</summary>
    public string? ConfigFile { get; set; }

    /// <summary>Folder under which relative database paths of components live; made when missing. Default <c>.local</c>.</summary>
    public string DataDirectory { get; set; } = ".local";

    /// <summary>How long a stopping sidecar waits for deliveries in flight. Default 5 s, as in daprd.</summary>
    public TimeSpan GracefulShutdown { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>Least severe level that is logged. Default information.</summary>
    public LogLevel LogLevel { get; set; } = LogLevel.Information;

    /// <summary>Token that callers of the APIs must send in <c>dapr-api-token</c>. Default none: no check. The command line reads DAPR_API_TOKEN.</summary>
    public string? ApiToken { get; set; }

    /// <summary>Token the sidecar sends to the app in <c>dapr-api-token</c>. Default none. The command line reads APP_API_TOKEN.</summary>
    public string? AppApiToken { get; set; }

    /// <summary>Clock of retries, leases and time stamps. Default the system's.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;

    /// <summary>Source of jitter, 0 to 1 per call. Default <see cref="Random.Shared"/>.</summary>
    public Func<double> Jitter { get; set; } = Random.Shared.NextDouble;

    /// <summary>Adds logger providers. Default none: nothing is written.</summary>
    public Action<ILoggingBuilder> ConfigureLogging { get; set; } = _ => { };
}
