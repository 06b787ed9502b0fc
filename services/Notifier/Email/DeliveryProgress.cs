using MailKit;

using MLEvents.Ledger;

namespace MLEvents.Notifier.Email;

/// <summary>
/// Whether the mail server may have taken a mail without our having learnt it: SMTP has no way to ask. The action then says so, for its mail may come
/// twice, with the same Message-ID.
/// </summary>
internal sealed class DeliveryProgress : ITransferProgress
{
    private const string UnsureFact = "mailUnsure";
    private bool _begun;

    /// <inheritdoc/>
    public void Report(long bytesTransferred, long totalSize) => _begun = true;

    /// <inheritdoc/>
    public void Report(long bytesTransferred) => _begun = true;

    /// <summary>A failure without the server's answer: noted, if the mail had been on its way.</summary>
    public StepResult Unanswered(Retry result) => _begun ? DuplicateNotice.Unsure(result, UnsureFact) : result;

    /// <summary>The result of a mail that was taken, with what must be said of the attempts before.</summary>
    public static StepResult Taken(ActionRecord record, string summary) =>
        new Succeeded { Detail = DuplicateNotice.Told(summary, record, UnsureFact, "the mail server did not answer an earlier attempt") };
}
