using MLEvents.ServiceDefaults.Tokens;

namespace MLEvents.Ingress.Senders;

/// <summary>The credential that a sender of events must present.</summary>
public enum WebhookAuthentication
{
    /// <summary>A webhook key.</summary>
    Key,

    /// <summary>A token.</summary>
    Token,

    /// <summary>A webhook key or a token.</summary>
    KeyOrToken,

    /// <summary>A webhook key and a token, both of the same sender.</summary>
    KeyAndToken,
}

/// <summary>A sender of events, from the section <c>Ingress:Senders:NAME</c>.</summary>
public sealed class SenderOptions
{
    /// <summary>The sender's webhook keys: one, or two during a rotation. At least 16 characters each.</summary>
    public IList<string> Keys { get; } = [];

    /// <summary>The requirements for the sender's tokens. A setting that is missing here comes from <c>Ingress:Token</c>.</summary>
    public SenderTokenOptions Token { get; } = new();

    /// <summary>ARM ids of the workspaces whose events the sender may send, written as in <c>Ingress:Workspaces</c>. Both lists apply. Default: every workspace that <c>Ingress:Workspaces</c> allows.</summary>
    public IList<string> Workspaces { get; } = [];
}

/// <summary>Settings that decide which tokens of senders are accepted.</summary>
public sealed class SenderTokenOptions : TokenOptions
{
    /// <summary>The role that Event Grid's application has for the webhook.</summary>
    public const string EventGridRole = "AzureEventGridSecureWebhookSubscriber";

    /// <summary>
    /// Ids of the applications that may send (claim <c>azp</c>, <c>appid</c> or <c>client_id</c>). Default: the id of Event Grid's application in the configured cloud.
    /// </summary>
    public IList<string> ApplicationIds { get; } = [];

    /// <summary>The role that the token must have (claim <c>roles</c>). Default <see cref="EventGridRole"/>. If the setting is an empty string, no role is required.</summary>
    public string? Role { get; set; }

    /// <summary>Whether the settings distinguish these tokens from the tokens of other senders.</summary>
    internal bool IsOwn => HasIssuer || Audiences.Count > 0 || ApplicationIds.Count > 0;
}
