using System.Globalization;
using System.Net;

using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.Configuration;

namespace MLEvents.Local.Sidecar;

/// <summary>Reads daprd's command line: the flags that the embedded sidecar supports.</summary>
internal static class CommandLine
{
    private static readonly Dictionary<string, Action<SidecarOptions, string>> Flags = new(StringComparer.Ordinal)
    {
        ["app-id"] = (options, value) => options.AppId = value,
        ["app-port"] = (options, value) => options.AppPort = Number(value, 1, ushort.MaxValue),
        ["app-channel-address"] = (options, value) => options.AppChannelAddress = value,
        ["app-protocol"] = (_, value) => RequireHttp(value),
        ["app-max-concurrency"] = (options, value) => options.AppMaxConcurrency = Number(value, -1, int.MaxValue) is > 0 and var max ? max : null,
        ["dapr-http-port"] = (options, value) => options.HttpPort = Number(value, 0, ushort.MaxValue),
        ["dapr-grpc-port"] = (options, value) => options.GrpcPort = Number(value, 0, ushort.MaxValue),
        // daprd also listens on these ports, for other sidecars and for its metrics. The embedded sidecar does not, so it only validates the values. Its metrics are at /metrics of the HTTP port.
        ["dapr-internal-grpc-port"] = (_, value) => Number(value, 0, ushort.MaxValue),
        ["metrics-port"] = (_, value) => Number(value, 0, ushort.MaxValue),
        ["dapr-internal-grpc-listen-address"] = (_, value) => Address(value),
        ["metrics-listen-address"] = (_, value) => Address(value),
        ["dapr-listen-addresses"] = (options, value) => options.ListenAddress = Address(value),
        ["resources-path"] = (options, value) => options.ResourcesPaths.Add(value),
        ["config"] = (options, value) => options.ConfigFile = value,
        ["log-level"] = (options, value) => options.LogLevel = Level(value),
        ["dapr-graceful-shutdown-seconds"] = (options, value) => options.GracefulShutdown = TimeSpan.FromSeconds(Number(value, 0, 86_400)),
        ["data-dir"] = (options, value) => options.DataDirectory = value,
    };

    /// <summary>Reads the options from the arguments, and the tokens from the environment variables <c>DAPR_API_TOKEN</c> and <c>APP_API_TOKEN</c>.</summary>
    /// <exception cref="ResourceException">A flag is unknown, the value of a flag is missing or wrong, or <c>--app-id</c> is missing.</exception>
    public static SidecarOptions Parse(IReadOnlyList<string> args, Func<string, string?> environment)
    {
        var options = new SidecarOptions { AppId = "", ApiToken = Variable(environment, "DAPR_API_TOKEN"), AppApiToken = Variable(environment, "APP_API_TOKEN") };
        foreach (var (name, value) in Pairs(args))
        {
            if (!Flags.TryGetValue(name, out var set))
            {
                throw new ResourceException($"unknown flag --{name}; expected one of: --{string.Join(", --", Flags.Keys)}");
            }

            Set(set, options, name, value);
        }

        return options.AppId.Length > 0 ? options : throw new ResourceException("--app-id is missing");
    }

    private static void Set(Action<SidecarOptions, string> set, SidecarOptions options, string name, string value)
    {
        try
        {
            set(options, value);
        }
        catch (FormatException exception)
        {
            throw new ResourceException($"--{name} {value}: {exception.Message}", exception);
        }
    }

    private static IEnumerable<(string Name, string Value)> Pairs(IReadOnlyList<string> args)
    {
        for (var index = 0; index < args.Count; index++)
        {
            var name = args[index].TrimStart('-');
            if (args[index] == name)
            {
                throw new ResourceException($"'{args[index]}' is not a flag; flags start with --");
            }

            if (name.Split('=', 2) is [var key, var joined])
            {
                yield return (key, joined);
            }
            else
            {
                index++;
                yield return (name, index < args.Count ? args[index] : throw new ResourceException($"--{name} needs a value"));
            }
        }
    }

    private static string? Variable(Func<string, string?> environment, string name) => environment(name) is { Length: > 0 } value ? value : null;

    private static int Number(string text, int min, int max) =>
        int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) && number >= min && number <= max
            ? number
            : throw new FormatException($"must be a number from {min} to {max}");

    private static string Address(string text) =>
        IPAddress.TryParse(text, out _) ? text : throw new FormatException("must be one IP address, such as 127.0.0.1 or 0.0.0.0");

    private static void RequireHttp(string protocol)
    {
        if (protocol != "http")
        {
            throw new FormatException("the embedded sidecar supports only http for the app; use daprd for another protocol");
        }
    }

    private static LogLevel Level(string text) => text switch
    {
        "debug" => LogLevel.Debug,
        "info" => LogLevel.Information,
        "warn" or "warning" => LogLevel.Warning,
        "error" => LogLevel.Error,
        "fatal" => LogLevel.Critical,
        _ => throw new FormatException("must be debug, info, warn, error or fatal"),
    };
}
