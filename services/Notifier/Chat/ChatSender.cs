using Dapr.Client;

using MLEvents.Ledger;
using MLEvents.Notifier.Bindings;
using MLEvents.Rules;
using MLEvents.Rules.Plans;

namespace MLEvents.Notifier.Chat;

/// <summary>Sends chat messages through their bindings, below the rates that the chats accept.</summary>
internal sealed class ChatSender(BindingSender bindings, SlackThreads threads)
{
    // For an incoming webhook or a conversation, Slack accepts one message a second. A Teams webhook accepts four messages a second.
    private static readonly TimeSpan SlackSpacing = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TeamsSpacing = TimeSpan.FromMilliseconds(250);

    /// <summary>Sends the message of an action.</summary>
    public Task<StepResult> SendAsync(ChatPlan plan, ActionRecord record, CancellationToken cancellationToken) => plan.Conversation is { } conversation
        ? PostAsync(plan, conversation, record, cancellationToken)
        : bindings.SendAsync(ChatPayload.ToCall(plan), plan.Format == ChatFormat.Slack ? SlackSpacing : TeamsSpacing, _ => null, record, cancellationToken);

    // Stores the id of the first message that Slack accepts in a thread. Later messages reply to this message.
    private async Task<StepResult> PostAsync(ChatPlan plan, string conversation, ActionRecord record, CancellationToken cancellationToken)
    {
        var thread = new SlackThread(plan.Binding, conversation, plan.Thread is { Length: > 0 } key ? $"thread\n{key}" : record.CorrelationId);
        var first = await threads.FindAsync(thread, cancellationToken);
        string? posted = null;
        var result = await bindings.SendAsync(ChatPayload.ToCall(plan, first), SlackSpacing, Read, record, cancellationToken);
        return result is Succeeded && first is null && posted is not null && await threads.TryBeginAsync(thread, posted, cancellationToken) is { } problem
            ? result with { Detail = $"{result.Detail}; {problem}" }
            : result;

        StepResult? Read(BindingResponse response)
        {
            (var refusal, posted) = SlackAnswer.Read(plan.Binding, response.Data);
            return refusal;
        }
    }
}
