using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

using MLEvents.Rules;
using MLEvents.Rules.Plans;

namespace MLEvents.Notifier.Chat;

/// <summary>Writes messages in the formats of the chats, within the chats' size limits.</summary>
internal static class ChatPayload
{
    private static readonly JsonSerializerOptions Json = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The binding call that sends a message.</summary>
    /// <param name="plan">The message.</param>
    /// <param name="thread">The id of the first message of the thread to which the message replies; null if the message begins a thread or belongs to none.</param>
    public static BindingPlan ToCall(ChatPlan plan, string? thread = null) => new()
    {
        Studio = plan.Studio,
        Problem = plan.Problem,
        Binding = plan.Binding,
        Operation = plan.Operation,
        Metadata = plan.Metadata,
        Data = plan.Conversation is { } conversation ? Write(SlackBlocks.Create(plan.Message, conversation, thread)) : Write(plan.Format, plan.Message),
    };

    /// <summary>The body of a message.</summary>
    public static string Write(ChatFormat format, ChatMessage message) => format switch
    {
        ChatFormat.Teams => TeamsCard.Write(message),
        ChatFormat.Slack => SlackBlocks.Create(message).ToJsonString(Json),
        _ => throw new NotSupportedException($"No writer exists for the chat format {format}."),
    };

    /// <summary>The JSON of a body.</summary>
    public static string Write(JsonObject body) => body.ToJsonString(Json);
}
