using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MLEvents.ServiceDefaults;

/// <summary>Settings for the Dapr sidecar, from the <c>Sidecar</c> section: which requests count as its requests, and how often it is checked.</summary>
public sealed class SidecarAccessOptions
{
    /// <summary>The configuration section's name.</summary>
    public const string Section = "Sidecar";

    /// <summary>
    /// Whether the network allows only the sidecar to reach the service. The service may then run without <c>APP_API_TOKEN</c> outside Development. Default false.
    /// </summary>
    public bool NetworkProtected { get; set; }

    /// <summary>
    /// Host names, without a port, with which the sidecar calls the service in addition to the loopback names. Default none. A request to another name
    /// is refused, because a web page can make its own host name resolve to this machine (DNS rebinding).
    /// </summary>
    public IList<string> Hosts { get; } = [];

    /// <summary>
    /// The time between two checks that the sidecar has the subscriptions of the service, from 0 to 1 h; 0 turns the check off. Default 10 s.
    /// After two checks in a row without subscriptions, the service shuts the sidecar down, so that its platform starts it again.
    /// </summary>
    public TimeSpan SubscriptionCheckInterval { get; set; } = TimeSpan.FromSeconds(10);
}

/// <summary>Requires a valid interval and, outside Development, the sidecar's token or a protected network.</summary>
internal sealed class SidecarAccessOptionsValidator(IConfiguration configuration, IHostEnvironment environment) : IValidateOptions<SidecarAccessOptions>
{
    private static readonly TimeSpan MaxInterval = TimeSpan.FromHours(1);

    public ValidateOptionsResult Validate(string? name, SidecarAccessOptions options) =>
        options.SubscriptionCheckInterval < TimeSpan.Zero || options.SubscriptionCheckInterval > MaxInterval
            ? ValidateOptionsResult.Fail($"Sidecar:SubscriptionCheckInterval is {options.SubscriptionCheckInterval}. Set it to a time from 00:00:00 (no check) to {MaxInterval}.")
            : ValidateToken(options);

    private ValidateOptionsResult ValidateToken(SidecarAccessOptions options) =>
        environment.IsDevelopment() || options.NetworkProtected || SidecarToken.IsSet(configuration)
            ? ValidateOptionsResult.Success
            : ValidateOptionsResult.Fail(
                "APP_API_TOKEN is not set, so any program that reaches this service could deliver messages to it. Set APP_API_TOKEN to the token that the Dapr sidecar sends "
                + "(Kubernetes: the secret of the annotation dapr.io/app-token-secret), or set Sidecar:NetworkProtected to true if the network lets only the sidecar reach this service.");
}
