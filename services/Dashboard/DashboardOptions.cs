using System.ComponentModel.DataAnnotations;

using Microsoft.Extensions.Options;

using MLEvents.Events;

namespace MLEvents.Dashboard;

/// <summary>Settings of the dashboard, from the <c>Dashboard</c> section.</summary>
public sealed class DashboardOptions
{
    /// <summary>The configuration section.</summary>
    public const string Section = "Dashboard";

    /// <summary>The addresses of the services by name. The dashboard shows their health, and calls their operator APIs for users. Default: the ports 5100 to 5103 on localhost.</summary>
    [Required]
    public IDictionary<string, Uri> Services { get; } = new Dictionary<string, Uri>(StringComparer.OrdinalIgnoreCase)
    {
        ["ingress"] = new("http://localhost:5100"),
        ["notifier"] = new("http://localhost:5101"),
        ["retrainer"] = new("http://localhost:5102"),
        ["deployer"] = new("http://localhost:5103"),
    };

    /// <summary>
    /// The address at which browsers reach the dashboard, for sign-in and for links. With an https address, browsers send the cookies only over https. Default: the address of the
    /// request.
    /// </summary>
    public Uri? PublicAddress { get; set; }

    /// <summary>
    /// The address of a trace in a viewer, with <c>{traceId}</c> as the placeholder for the trace's id, for instance <c>http://localhost:16686/trace/{traceId}</c>. Default none: pages have
    /// no links to traces.
    /// </summary>
    [RegularExpression("^https?://.+\\{traceId\\}.*", ErrorMessage = "Dashboard:TraceViewer must be an http or https address that contains {{traceId}}.")]
    public string? TraceViewer { get; set; }

    /// <summary>Whether browsers reach the dashboard over https.</summary>
    internal bool IsSecure => PublicAddress?.Scheme == Uri.UriSchemeHttps;

    /// <summary>The address of a trace in the viewer; null without a viewer or a trace.</summary>
    internal string? AddressOfTrace(string? traceId) => traceId is null ? null : TraceViewer?.Replace("{traceId}", traceId, StringComparison.Ordinal);

    /// <summary>The longest wait for an answer of a service, 100 ms to 1 min. Default 10 s.</summary>
    [TimeRange("00:00:00.100", "00:01:00")]
    public TimeSpan ServiceTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>How often the health of the services is read, 100 ms to 10 min. Default 10 s.</summary>
    [TimeRange("00:00:00.100", "00:10:00")]
    public TimeSpan HealthInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Whether the first pages are rendered before the service is ready, so that no user waits for the compilation of code.
    /// The rendering takes about a second of processor time, or less than 0.1 s in a native program. Default true.
    /// </summary>
    public bool WarmUp { get; set; } = true;

    /// <summary>How long a sign-in lasts after the last use, 1 min to 1 day. Default 8 h. A sign-in with OpenID Connect without a refresh token ends when its access token expires.</summary>
    [TimeRange("00:01:00", "1.00:00:00")]
    public TimeSpan SignInLifetime { get; set; } = TimeSpan.FromHours(8);
}

[OptionsValidator]
internal sealed partial class DashboardOptionsValidator : IValidateOptions<DashboardOptions>;
