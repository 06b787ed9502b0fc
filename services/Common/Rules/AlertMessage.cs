using MLEvents.Rules.Templates;

namespace MLEvents.Rules;

/// <summary>A message: an e-mail, or one call of a Dapr output binding.</summary>
public sealed record AlertMessage
{
    /// <summary>The name of the e-mail channel. The other channels are names of Dapr output bindings.</summary>
    public const string Email = "email";

    /// <summary><see cref="Email"/>, or the name of a Dapr output binding.</summary>
    public required string Channel { get; init; }

    /// <summary>Whether the message is an e-mail.</summary>
    public bool IsEmail => Channel == Email;

    /// <summary>The recipients of an e-mail, at least one; none for a binding.</summary>
    public Recipients To { get; init; } = Recipients.None;

    /// <summary>Recipients of a copy of an e-mail.</summary>
    public Recipients Cc { get; init; } = Recipients.None;

    /// <summary>Recipients of a blind copy of an e-mail. The other recipients do not see them.</summary>
    public Recipients Bcc { get; init; } = Recipients.None;

    /// <summary>An e-mail's subject or a chat message's title, one line of text. Default: the event's type, its workspace and its subject. Null for a generic binding.</summary>
    public Template? Subject { get; init; }

    /// <summary>The text of an e-mail or a chat message. Default of an e-mail: the event's facts with a link to its studio page. A chat message shows the facts separately and has no default.</summary>
    public Template? Text { get; init; }

    /// <summary>An e-mail's HTML part; null if it has none.</summary>
    public Template? Html { get; init; }

    /// <summary>
    /// The key of a thread. The e-mails, or the messages of a Slack conversation, with the same rendered key form one thread. If the template is null, the messages of one
    /// correlation chain form a thread.
    /// </summary>
    public Template? Thread { get; init; }

    /// <summary>The limit on the messages of the rule in a period; null for no limit.</summary>
    public AlertThrottle? Throttle { get; init; }

    /// <summary>The format of a chat message; null for an e-mail and for a generic binding.</summary>
    public ChatFormat? Format { get; init; }

    /// <summary>The id of the Slack conversation of a chat message that Slack's Web API sends; null for a message to a webhook, which has no threads.</summary>
    public Template? Conversation { get; init; }

    /// <summary>The binding's operation. Default <c>create</c>; if <see cref="Format"/> is set, <c>post</c>.</summary>
    public string Operation { get; init; } = "create";

    /// <summary>The metadata of the binding's call.</summary>
    public IReadOnlyDictionary<string, Template> Metadata { get; init; } = new Dictionary<string, Template>();

    /// <summary>The data of the binding's call, JSON whose strings hold rendered values; null for an e-mail, or when <see cref="Forward"/> or <see cref="Format"/> is set.</summary>
    public Template? Body { get; init; }

    /// <summary>Whether the data of the binding's call is the unchanged event: its CloudEvents envelope. Default false.</summary>
    public bool Forward { get; init; }

    /// <summary>Whether a template of the message uses <c>previous</c>, the events that came before in the same chain.</summary>
    public bool UsesPrevious => To.UsesPrevious || Cc.UsesPrevious || Bcc.UsesPrevious || Uses(Subject) || Uses(Text) || Uses(Html) || Uses(Thread) || Uses(Conversation) || Uses(Body) || Metadata.Values.Any(Uses);

    private static bool Uses(Template? template) => template is { UsesPrevious: true };
}
