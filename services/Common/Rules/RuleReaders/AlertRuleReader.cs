using System.Text.RegularExpressions;

using MLEvents.Rules.Reading;
using MLEvents.Rules.Templates;
using MLEvents.Rules.Yaml;

namespace MLEvents.Rules.RuleReaders;

/// <summary>Reads a rule of <c>alerts.yaml</c>.</summary>
internal static partial class AlertRuleReader
{
    private static readonly string[] Extra = [TemplateModel.PreviousRoot];
    private static readonly string[] EmailKeys = ["to", "cc", "bcc", "html", "htmlFile"];
    private static readonly string[] BindingKeys = ["operation", "metadata", "body", "bodyFile", "forward", "format", "conversation"];
    private static readonly string[] MessageKeys = ["subject", "text", "textFile"];

    /// <summary>Reads a rule.</summary>
    public static AlertRule? Read(MapReader keys)
    {
        var (state, condition) = AlertStateReader.Read(keys);
        var head = RuleHeaderReader.Read(keys, condition);
        var send = keys.RequiredChild("send") is { } child ? Message(child) : null;
        return head is null || send is null ? null : new AlertRule { Name = head.Name, Enabled = head.Enabled, DryRun = head.DryRun, Once = head.Once, When = head.When, Line = head.Line, Send = send, State = state };
    }

    private static AlertMessage? Message(MapReader keys)
    {
        if (keys.RequiredScalar("channel") is not { } channel)
        {
            return null;
        }

        if (!ChannelPattern().IsMatch(channel.Value))
        {
            keys.Reading.Add(channel, $"'channel' must be '{AlertMessage.Email}' or the name of a Dapr output binding, not '{channel.Value}'");
        }

        var message = channel.Value == AlertMessage.Email ? EmailMessage(keys) : Binding(keys, channel.Value);
        if (message.IsEmail)
        {
            RejectKeysOfOtherChannels(keys, BindingKeys, channel.Value, "only bindings use it");
        }
        else
        {
            RejectKeysOfOtherChannels(keys, EmailKeys, channel.Value, "only e-mail uses it");
            RejectKeysOfOtherChannels(keys, message.Format is null ? MessageKeys : [], channel.Value, "only e-mail and bindings with a 'format' use it");
            RejectKeysOfOtherChannels(keys, message.Conversation is null ? ["thread"] : [], channel.Value, "a message to a webhook cannot be part of a thread; for threads in Slack, set 'conversation' and use a binding to chat.postMessage");
            RejectKeysOfOtherChannels(keys, message.Format is ChatFormat.Slack ? [] : ["conversation"], channel.Value, "only 'format: slack' uses it");
        }

        keys.RejectUnreadKeys();
        return message;
    }

    private static AlertMessage EmailMessage(MapReader keys)
    {
        if (keys.Required("to", KeyShape.Texts) is YamlList { Items.Count: 0 } empty)
        {
            keys.Reading.Add(empty, "'to' must have at least one address");
        }

        var html = TemplateOf(keys, "html", TemplateTarget.Html);
        return new AlertMessage
        {
            Channel = AlertMessage.Email,
            To = RecipientReader.ReadWithTemplates(keys, "to", Extra),
            Cc = RecipientReader.ReadWithTemplates(keys, "cc", Extra),
            Bcc = RecipientReader.ReadWithTemplates(keys, "bcc", Extra),
            Subject = TemplateOf(keys, "subject", TemplateTarget.Header, withFile: false) ?? DefaultAlert.Subject,
            Text = TemplateOf(keys, "text", TemplateTarget.Text) ?? DefaultAlert.Text,
            Html = html,
            Thread = TemplateOf(keys, "thread", TemplateTarget.Header, withFile: false),
            Throttle = ThrottleReader.Read(keys),
        };
    }

    private static AlertMessage Binding(MapReader keys, string channel)
    {
        var named = keys.Choice("format", ChatFormat.Teams, inLowerCase: true);
        ChatFormat? format = keys.Node("format") is null ? null : named;
        var body = TemplateOf(keys, "body", TemplateTarget.Json);
        var forward = keys.Flag("forward", ifAbsent: false);
        if (new[] { format is not null, (keys.Node("body") ?? keys.Node("bodyFile")) is not null, forward }.Count(isSet => isSet) != 1)
        {
            keys.Reading.Add(keys.Map, "a binding needs exactly one of 'format', 'body', 'bodyFile' and 'forward: true'");
        }

        if (forward && keys.Node("throttle") is { } throttle)
        {
            keys.Reading.Add(throttle, "'throttle' cannot be combined with 'forward: true'; it would leave events out");
        }

        return new AlertMessage
        {
            Channel = channel,
            Format = format,
            Subject = format is null ? null : TemplateOf(keys, "subject", TemplateTarget.Header, withFile: false) ?? DefaultAlert.Subject,
            Text = format is null ? null : TemplateOf(keys, "text", TemplateTarget.Text),
            Conversation = TemplateOf(keys, "conversation", TemplateTarget.Header, withFile: false),
            Thread = TemplateOf(keys, "thread", TemplateTarget.Header, withFile: false),
            Operation = keys.Scalar("operation")?.Value ?? (format is null ? "create" : "post"),
            Metadata = keys.Templates("metadata", Extra),
            Body = body,
            Forward = forward,
            Throttle = ThrottleReader.Read(keys),
        };
    }

    private static Template? TemplateOf(MapReader keys, string key, TemplateTarget target, bool withFile = true)
    {
        var inline = keys.Scalar(key);
        var file = withFile ? keys.Scalar($"{key}File") : null;
        if (inline is not null && file is not null)
        {
            keys.Reading.Add(file, $"'{key}' and '{key}File' cannot both be set; remove one");
        }

        return inline is not null ? keys.Reading.Inline(inline, target, Extra)
            : file is not null ? keys.Reading.FromFile(file, target, Extra)
            : null;
    }

    private static void RejectKeysOfOtherChannels(MapReader keys, string[] foreign, string channel, string reason)
    {
        foreach (var key in foreign)
        {
            if (keys.Node(key) is { } node)
            {
                keys.Reading.Add(node, $"'{key}' is not valid for the channel '{channel}'; {reason}");
            }
        }
    }

    [GeneratedRegex(@"\A[A-Za-z0-9]([A-Za-z0-9._-]{0,251}[A-Za-z0-9])?\z")]
    private static partial Regex ChannelPattern();
}
