using Microsoft.Extensions.Options;

using MLEvents.ServiceDefaults.Tokens;

namespace MLEvents.Ingress.Senders;

/// <summary>The senders that the current settings describe.</summary>
internal sealed class SenderDirectory(IOptionsMonitor<IngressOptions> options, IHostEnvironment environment) : ITrustedIssuers
{
    private volatile Snapshot? _snapshot;

    /// <summary>The senders.</summary>
    public IReadOnlyList<Sender> Senders
    {
        get
        {
            var settings = options.CurrentValue;
            if (_snapshot is not { } snapshot || snapshot.Settings != settings)
            {
                _snapshot = snapshot = new(settings, Create(settings, environment.IsDevelopment()));
            }

            return snapshot.Senders;
        }
    }

    public IEnumerable<TokenIssuer> Issuers => options.CurrentValue.Authentication == WebhookAuthentication.Key
        ? []
        : Senders.Select(sender => sender.Token?.Issuer).OfType<TokenIssuer>();

    /// <summary>A sender by its name; null if the settings do not have it.</summary>
    public Sender? Find(string name) => Senders.FirstOrDefault(sender => sender.Name.Equals(name, StringComparison.OrdinalIgnoreCase));

    /// <summary>Creates the senders from the settings.</summary>
    public static IReadOnlyList<Sender> Create(IngressOptions settings, bool isDevelopment)
    {
        if (settings.Senders.Count == 0)
        {
            // Ingress:Workspaces applies to every sender, so the default sender needs no workspaces of its own.
            return [new Sender(Sender.DefaultName, settings.Keys.Count > 0 || !isDevelopment ? settings.Keys : [IngressOptions.LocalKey], TokenRule.From(settings.Token, settings.Token), [])];
        }

        // All senders without token settings of their own accept the same tokens. A token can therefore confirm the key of such a sender, but it cannot identify the sender.
        return [.. settings.Senders.Select(sender => new Sender(
            sender.Key, sender.Value.Keys,
            sender.Value.Token.IsOwn || settings.Authentication == WebhookAuthentication.KeyAndToken ? TokenRule.From(sender.Value.Token, settings.Token) : null,
            sender.Value.Workspaces))];
    }

    private sealed record Snapshot(IngressOptions Settings, IReadOnlyList<Sender> Senders);
}
