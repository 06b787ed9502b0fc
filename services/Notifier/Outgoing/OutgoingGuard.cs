using System.IO.Enumeration;

using Microsoft.Extensions.Options;

using MimeKit;

using MLEvents.Events;
using MLEvents.Rules.Plans;

namespace MLEvents.Notifier.Outgoing;

/// <summary>Refuses alerts to places that the settings do not allow, before any call. Rules are files in Git, and their values come from events.</summary>
internal sealed class OutgoingGuard(IOptionsMonitor<OutgoingOptions> options)
{
    // The metadata keys by which output bindings take an address, or a part of one.
    private static readonly string[] AddressKeys = ["url", "uri", "host", "hostname", "server", "endpoint", "address", "baseUrl"];

    private const string PathKey = "path";

    /// <summary>Why the alert may not be sent; null if it may.</summary>
    public string? FindRefusal(AlertPlan plan) => plan switch
    {
        BindingPlan call => FindRefusal(call),
        MailPlan mail => mail.To.Concat(mail.Cc).Concat(mail.Bcc).Select(FindRefusal).FirstOrDefault(refusal => refusal is not null),
        _ => null,
    };

    private string? FindRefusal(BindingPlan call)
    {
        var settings = options.CurrentValue;
        return settings.Bindings.Count > 0 && !settings.Bindings.Contains(call.Binding, StringComparer.Ordinal)
            ? $"the binding '{call.Binding}' is not in Outgoing:Bindings"
            : call.Metadata.Select(item => FindRefusal(item.Key, item.Value, settings)).FirstOrDefault(refusal => refusal is not null);
    }

    private static string? FindRefusal(string key, string value, OutgoingOptions settings) =>
        value.AsSpan().ContainsAny('\r', '\n') ? $"the metadata '{key}' has a line break, which would add a header"
        : key.Equals(PathKey, StringComparison.OrdinalIgnoreCase) ? FindPathRefusal(value)
        : AddressKeys.Contains(key, StringComparer.OrdinalIgnoreCase) ? FindAddressRefusal(key, value, settings)
        : null;

    // The path is appended to the address of the component, which it must not leave.
    private static string? FindPathRefusal(string path)
    {
        var decoded = Uri.UnescapeDataString(path.Split('?')[0]).Replace('\\', '/');
        return decoded.StartsWith("//", StringComparison.Ordinal) || decoded.Contains("://", StringComparison.Ordinal) || decoded.Split('/').Contains("..")
            ? $"the metadata '{PathKey}' '{DisplayText.Shorten(path)}' leaves the address of the binding"
            : null;
    }

    private static string? FindAddressRefusal(string key, string value, OutgoingOptions settings)
    {
        // A host without a scheme is read as one, so that 'host: 10.0.0.1' is found too.
        var text = value.Contains("://", StringComparison.Ordinal) ? value : $"https://{value}";
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Host.Length == 0)
        {
            return $"the metadata '{key}' is not an address";
        }

        return PrivateAddresses.Contains(address) ? $"the metadata '{key}' names '{DisplayText.Shorten(address.Host)}', which is not a public address"
            : !settings.Hosts.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, address.IdnHost, ignoreCase: true)) ? $"the metadata '{key}' names the host '{DisplayText.Shorten(address.Host)}', which is not in Outgoing:Hosts"
            : null;
    }

    // What is no address fails later, with a message of its own.
    private string? FindRefusal(string recipient)
    {
        var domains = options.CurrentValue.MailDomains;
        return domains.Count > 0 && MailboxAddress.TryParse(recipient, out var mailbox) && !domains.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, mailbox.Domain, ignoreCase: true))
            ? $"a recipient's domain '{DisplayText.Shorten(mailbox.Domain)}' is not in Outgoing:MailDomains"
            : null;
    }
}
