using System.Globalization;

using Dapr.Client;

using Microsoft.Extensions.Options;

using MLEvents.State;

namespace MLEvents.Ledger.Approvals;

/// <summary>The questions in a Dapr state store: one key for each generation of an action.</summary>
internal sealed class ApprovalStore(DaprClient dapr, IOptions<LedgerOptions> options)
{
    /// <summary>Reads the question of an action; null if it was not asked.</summary>
    public async Task<ApprovalQuestion?> FindAsync(ActionRecord record, CancellationToken cancellationToken) => (await DocumentOf(record).FindAsync(cancellationToken))?.Value;

    /// <summary>Stores a question.</summary>
    /// <returns>The stored question. An earlier question stays, because a repeated step must not move the time-out.</returns>
    public async Task<ApprovalQuestion> CreateAsync(ActionRecord record, ApprovalQuestion question, CancellationToken cancellationToken) =>
        (await DocumentOf(record).CreateAsync(question, Expiry(record), cancellationToken))?.Value ?? question;

    /// <summary>Changes a question.</summary>
    /// <param name="record">The action.</param>
    /// <param name="change">Receives the stored question, and returns the question to write; null leaves the stored question as it is. Called again if another writer changed the question first.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <returns>The question afterwards; null if it was not asked.</returns>
    public Task<ApprovalQuestion?> UpdateAsync(ActionRecord record, Func<ApprovalQuestion, ApprovalQuestion?> change, CancellationToken cancellationToken) =>
        DocumentOf(record).UpdateAsync(stored => stored is null ? null : change(stored), Expiry(record), cancellationToken);

    // A question with the first of several approvals stays open until its time-out, which can be longer than the retention.
    private TimeToLive Expiry(ActionRecord record) => TimeToLive.After(options.Value.Retention + (record.Approval?.Timeout ?? TimeSpan.Zero));

    private StateDocument<ApprovalQuestion> DocumentOf(ActionRecord record) =>
        new(dapr, options.Value.StateStore, string.Create(CultureInfo.InvariantCulture, $"approval-{record.Id}-{record.Generation}"));
}
