using Microsoft.Extensions.Options;

namespace MLEvents.Notifier.Outgoing;

/// <summary>The allowed destinations of alerts, from the <c>Outgoing</c> section.</summary>
public sealed class OutgoingOptions
{
    /// <summary>The configuration section's name.</summary>
    public const string Section = "Outgoing";

    /// <summary>
    /// Host names that the metadata of a binding may name, for instance <c>*.webhook.office.com</c>; <c>*</c> stands for any text. Addresses of components are not affected: the operator sets
    /// them. Default none: metadata must not name a host. Private addresses and the instance metadata service are always refused.
    /// </summary>
    public IList<string> Hosts { get; } = [];

    /// <summary>The output bindings that rules may call. Default: every binding of the sidecar.</summary>
    public IList<string> Bindings { get; } = [];

    /// <summary>
    /// Domains of mail recipients, for instance <c>example.org</c> or <c>*.example.org</c>. Default: every domain for recipients that a rule names, and the domain of
    /// <c>Mail:From</c> for recipients that an event names.
    /// </summary>
    public IList<string> MailDomains { get; } = [];
}

/// <summary>Rejects entries that can never match.</summary>
internal sealed class OutgoingOptionsValidator : IValidateOptions<OutgoingOptions>
{
    public ValidateOptionsResult Validate(string? name, OutgoingOptions options)
    {
        string[] failures =
        [
            .. Check(nameof(options.Hosts), options.Hosts, "*.example.org"),
            .. Check(nameof(options.MailDomains), options.MailDomains, "example.org"),
        ];
        return failures.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static IEnumerable<string> Check(string key, IEnumerable<string> entries, string example) => entries
        .Where(entry => string.IsNullOrWhiteSpace(entry) || entry.AsSpan().IndexOfAny("/:@ ") >= 0)
        .Select(entry => $"{OutgoingOptions.Section}:{key} holds '{entry}', which is not a host name; an example is {example}");
}
