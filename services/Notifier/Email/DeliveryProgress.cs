using MailKit;

using MLEvents.Ledger;

namespace MLEvents.Notifier.Email;

/// <summary>
/// Records whether the mail server may have accepted a mail although its answer is missing. SMTP has no command to find out. The action then reports that its mail may
/// arrive twice, with the same Message-ID.
/// </summary>
internal sealed class DeliveryProgress : ITransferProgress
{
    private const string UnansweredKey = "mailUnanswered";

    /// <summary>Whether the transfer of the mail has begun. Before the transfer, the server cannot have accepted the mail.</summary>
    public bool HasBegun { get; private set; }

    /// <inheritdoc/>
    public void Report(long bytesTransferred, long totalSize) => HasBegun = true;

    /// <inheritdoc/>
    public void Report(long bytesTransferred) => HasBegun = true;

    /// <summary>The result of a failure without the server's answer. If the transfer had begun, the result records that the answer is missing.</summary>
    public StepResult Unanswered(Retry result) => HasBegun ? DuplicateNotice.Record(result, UnansweredKey) : result;

    /// <summary>The result of a mail that the server accepted. It has a notice if an earlier attempt may have sent the mail too.</summary>
    public static StepResult Accepted(ActionRecord record, string summary) =>
        new Succeeded { Detail = DuplicateNotice.Append(summary, record, UnansweredKey, "the mail server did not answer an earlier attempt") };
}
