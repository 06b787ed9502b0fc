using MLEvents.Ledger;
using MLEvents.Notifier.Bindings;
using MLEvents.Rules;
using MLEvents.Rules.Plans;

namespace MLEvents.Notifier.Chat;

/// <summary>Sends chat messages through their bindings, below the rates that the chats accept.</summary>
internal sealed class ChatSender(BindingSender bindings)
{
    // A Slack incoming webhook accepts one message a second, a Teams webhook four.
    private static readonly TimeSpan SlackSpacing = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan TeamsSpacing = TimeSpan.FromMilliseconds(250);

    /// <summary>Sends the message of an action.</summary>
    public Task<StepResult> SendAsync(ChatPlan plan, ActionRecord record, CancellationToken cancellationToken) =>
        bindings.SendAsync(ChatPayload.ToCall(plan), plan.Format == ChatFormat.Slack ? SlackSpacing : TeamsSpacing, record, cancellationToken);
}
