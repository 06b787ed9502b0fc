using System.IO.Enumeration;

using Microsoft.Extensions.Options;

using MimeKit;

using MLEvents.Events;
using MLEvents.Notifier.Email;
using MLEvents.Rules.Plans;

namespace MLEvents.Notifier.Outgoing;

/// <summary>
/// Refuses alerts to destinations that the settings do not allow, before any call. Otherwise, everybody who can change a rule file or the data of an event
/// could choose the destination.
/// </summary>
internal sealed class OutgoingGuard(IOptionsMonitor<OutgoingOptions> options, IOptions<MailOptions> mailOptions)
{
    // The metadata keys of output bindings that contain an address or a part of an address.
    private static readonly string[] AddressKeys = ["url", "uri", "host", "hostname", "server", "endpoint", "address", "baseUrl"];

    private const string PathKey = "path";

    /// <summary>Decides whether the alert may be sent. A recipient that the event names is left out if its domain is not allowed.</summary>
    public GuardDecision Admit(AlertPlan plan) => plan switch
    {
        BindingPlan call => new(call, FindRefusal(call.Binding, call.Metadata)),
        ChatPlan chat => new(chat, FindRefusal(chat.Binding, chat.Metadata)),
        MailPlan mail => Admit(mail),
        _ => new(plan),
    };

    private GuardDecision Admit(MailPlan mail)
    {
        if (mail.FromData is null)
        {
            return new(mail, RecipientsOf(mail).Select(FindRefusal).FirstOrDefault(refusal => refusal is not null));
        }

        var refused = mail.FromData.Distinct().Select(recipient => (Recipient: recipient, Refusal: FindRefusalFromData(recipient))).Where(found => found.Refusal is not null).ToList();
        var left = refused.Count == 0 ? mail : Without([.. refused.Select(found => found.Recipient)], mail, refused[0].Refusal);
        return RecipientsOf(left).Any() ? new(left, RecipientsOf(left).Select(FindRefusal).FirstOrDefault(refusal => refusal is not null)) : new(left, refused[0].Refusal);
    }

    private static IEnumerable<string> RecipientsOf(MailPlan mail) => mail.To.Concat(mail.Cc).Concat(mail.Bcc);

    private static MailPlan Without(HashSet<string> refused, MailPlan mail, string? reason) => mail with
    {
        To = [.. mail.To.Where(recipient => !refused.Contains(recipient))],
        Cc = [.. mail.Cc.Where(recipient => !refused.Contains(recipient))],
        Bcc = [.. mail.Bcc.Where(recipient => !refused.Contains(recipient))],
        Problem = string.Join("; ", new[] { mail.Problem, reason }.OfType<string>()),
    };

    private string? FindRefusal(string binding, IReadOnlyDictionary<string, string> metadata)
    {
        var settings = options.CurrentValue;
        return settings.Bindings.Count > 0 && !settings.Bindings.Contains(binding, StringComparer.Ordinal)
            ? $"the binding '{binding}' is not in Outgoing:Bindings"
            : metadata.Select(item => FindRefusal(item.Key, item.Value, settings)).FirstOrDefault(refusal => refusal is not null);
    }

    private static string? FindRefusal(string key, string value, OutgoingOptions settings) =>
        value.AsSpan().ContainsAny('\r', '\n') ? $"the metadata '{key}' has a line break, which would add a header"
        : key.Equals(PathKey, StringComparison.OrdinalIgnoreCase) ? FindPathRefusal(value)
        : AddressKeys.Contains(key, StringComparer.OrdinalIgnoreCase) ? FindAddressRefusal(key, value, settings)
        : null;

    // The component appends the path to its address. The path must not lead to another address.
    private static string? FindPathRefusal(string path)
    {
        var decoded = Uri.UnescapeDataString(path.Split('?')[0]).Replace('\\', '/');
        return decoded.StartsWith("//", StringComparison.Ordinal) || decoded.Contains("://", StringComparison.Ordinal) || decoded.Split('/').Contains("..")
            ? $"the metadata '{PathKey}' '{DisplayText.Shorten(path)}' leads outside the address of the binding"
            : null;
    }

    private static string? FindAddressRefusal(string key, string value, OutgoingOptions settings)
    {
        // A host without a scheme is parsed as an https address, so that 'host: 10.0.0.1' is checked too.
        var text = value.Contains("://", StringComparison.Ordinal) ? value : $"https://{value}";
        if (!Uri.TryCreate(text, UriKind.Absolute, out var address) || address.Host.Length == 0)
        {
            return $"the metadata '{key}' is not an address";
        }

        return PrivateAddresses.Contains(address) ? $"the metadata '{key}' names '{DisplayText.Shorten(address.Host)}', which is not a public address"
            : !settings.Hosts.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, address.IdnHost, ignoreCase: true)) ? $"the metadata '{key}' names the host '{DisplayText.Shorten(address.Host)}', which is not in Outgoing:Hosts"
            : null;
    }

    // Anybody who may tag a model or a run can name a recipient in its events. Without Outgoing:MailDomains, only the domain of Mail:From is therefore allowed.
    private string? FindRefusalFromData(string recipient)
    {
        if (options.CurrentValue.MailDomains.Count > 0)
        {
            return FindRefusal(recipient);
        }

        return MailboxAddress.TryParse(recipient, out var mailbox) && !mailbox.Domain.Equals(MailboxAddress.Parse(mailOptions.Value.From).Domain, StringComparison.OrdinalIgnoreCase)
            ? $"the event names a recipient with the domain '{DisplayText.Shorten(mailbox.Domain)}'; without Outgoing:MailDomains only the domain of Mail:From is allowed"
            : null;
    }

    // Text that is not an address fails later, with a separate message.
    private string? FindRefusal(string recipient)
    {
        var domains = options.CurrentValue.MailDomains;
        return domains.Count > 0 && MailboxAddress.TryParse(recipient, out var mailbox) && !domains.Any(pattern => FileSystemName.MatchesSimpleExpression(pattern, mailbox.Domain, ignoreCase: true))
            ? $"a recipient's domain '{DisplayText.Shorten(mailbox.Domain)}' is not in Outgoing:MailDomains"
            : null;
    }
}

/// <summary>Whether an alert may be sent.</summary>
/// <param name="Plan">The alert, without the recipients that are left out.</param>
/// <param name="Refusal">The reason why the alert must not be sent; null if it may be sent.</param>
internal sealed record GuardDecision(AlertPlan Plan, string? Refusal = null);
