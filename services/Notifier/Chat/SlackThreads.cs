using Dapr.Client;

using Microsoft.Extensions.Options;

using MLEvents.Ledger;
using MLEvents.State;

namespace MLEvents.Notifier.Chat;

/// <summary>A thread of a Slack conversation.</summary>
/// <param name="Binding">The name of the binding's component.</param>
/// <param name="Conversation">The id of the conversation.</param>
/// <param name="Key">The text that the messages of the thread share.</param>
internal readonly record struct SlackThread(string Binding, string Conversation, string Key);

/// <summary>Stores the first message of each thread for as long as the ledger stores its records. Messages that are sent at the same time may each begin a thread. Later messages reply to the message that was stored first.</summary>
internal sealed class SlackThreads(DaprClient dapr, IOptions<LedgerOptions> options)
{
    private const int HashLength = 40;

    /// <summary>The id of the first message of a thread; null if none is stored.</summary>
    /// <exception cref="Dapr.DaprException">The state store is unavailable, so the message must not be sent.</exception>
    public async Task<string?> FindAsync(SlackThread thread, CancellationToken cancellationToken) => (await DocumentOf(thread).FindAsync(cancellationToken))?.Value.Id;

    /// <summary>Stores the first message of a thread.</summary>
    /// <returns>Null, or the reason why the thread could not be stored. The message was sent, so the caller must not send it again.</returns>
    public async Task<string?> TryBeginAsync(SlackThread thread, string id, CancellationToken cancellationToken)
    {
        try
        {
            await DocumentOf(thread).CreateAsync(new(id), TimeToLive.After(options.Value.Retention), cancellationToken);
            return null;
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            return $"later messages do not reply to it, because its thread was not stored: {exception.Message}";
        }
    }

    private StateDocument<FirstMessage> DocumentOf(SlackThread thread) =>
        new(dapr, options.Value.StateStore, $"chat-thread-{StateKey.Hash($"{thread.Binding}\n{thread.Conversation}\n{thread.Key}", HashLength)}");
}

/// <summary>The stored first message of a thread.</summary>
/// <param name="Id">The id of the message.</param>
internal sealed record FirstMessage(string Id);
