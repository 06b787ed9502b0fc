using System.ComponentModel.DataAnnotations;

using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.Ingress.Senders;

namespace MLEvents.Ingress;

/// <summary>Settings of the ingress, from the <c>Ingress</c> section.</summary>
public sealed class IngressOptions
{
    /// <summary>The configuration section's name.</summary>
    public const string Section = "Ingress";

    /// <summary>The key that works on a developer's machine; refused outside Development.</summary>
    public const string LocalKey = "local-development-key";

    /// <summary>The credential that a sender must present. Default <see cref="WebhookAuthentication.Key"/>.</summary>
    [EnumDataType(typeof(WebhookAuthentication))]
    public WebhookAuthentication Authentication { get; set; }

    /// <summary>
    /// The accepted webhook keys: one, or two during a rotation. At least 16 characters each.
    /// Required outside Development if every request must have a key and there are no <see cref="Senders"/>.
    /// In Development, the default is <see cref="LocalKey"/>.
    /// </summary>
    public IList<string> Keys { get; } = [];

    /// <summary>The accepted tokens, if <see cref="Authentication"/> accepts tokens.</summary>
    [ValidateObjectMembers]
    public SenderTokenOptions Token { get; } = new();

    /// <summary>Several senders by name, each with its own keys or tokens and its own workspaces. Default none: the <c>Ingress</c> section itself describes the only sender.</summary>
    public IDictionary<string, SenderOptions> Senders { get; } = new Dictionary<string, SenderOptions>(StringComparer.OrdinalIgnoreCase);

    /// <summary>Largest body, in bytes, 1 KiB to 16 MiB. Default 1.5 MiB: Event Grid's largest event with its envelope. A larger body is recorded in the quarantine and answered with 413.</summary>
    [Range(1024, 16 * 1024 * 1024)]
    public int MaxBodyBytes { get; set; } = 3 * 512 * 1024;

    /// <summary>
    /// Largest message that the broker accepts, in bytes, 64 KiB to 32 MiB. Default 2 MiB; set 262144 for Service Bus Standard. Calls to the broker are split to fit.
    /// A larger event goes to the quarantine. A quarantine message that is too large for the broker goes to the state store directly.
    /// </summary>
    [Range(64 * 1024, 32 * 1024 * 1024)]
    public int MaxMessageBytes { get; set; } = 2 * 1024 * 1024;

    /// <summary>
    /// ARM ids of the workspaces whose events are accepted; <c>*</c> stands for any text within a name. Other events go to the quarantine.
    /// The ingress refuses to validate event subscriptions of other topics. Default: every workspace, and events that do not come from a workspace.
    /// </summary>
    public IList<string> Workspaces { get; } = [];

    /// <summary>Longest wait for the broker before the answer is 503, 1 s to 25 s. Default 20 s; Event Grid gives up after 30 s.</summary>
    [TimeRange("00:00:01", "00:00:25")]
    public TimeSpan PublishTimeout { get; set; } = TimeSpan.FromSeconds(20);

    /// <summary>The wait that a 503 requests from Event Grid, 1 s to 10 min. Default 30 s, Event Grid's minimum for that code.</summary>
    [TimeRange("00:00:01", "00:10:00")]
    public TimeSpan RetryAfter { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Origins that get consent in the CloudEvents handshake. Default <c>eventgrid.azure.net</c>; <c>*</c> allows any.</summary>
    public IList<string> AllowedOrigins { get; } = ["eventgrid.azure.net"];

    /// <summary>Names of the event subscriptions that are validated, in any letter case. Default: every subscription of a known sender.</summary>
    public IList<string> AllowedSubscriptions { get; } = [];
}

[OptionsValidator]
internal sealed partial class IngressOptionsValidator : IValidateOptions<IngressOptions>;
