using Microsoft.Extensions.Options;

using MLEvents.Ledger.Planning;

namespace MLEvents.Ledger.Credentials;

/// <summary>Stops steps that need a refused credential, and records whether steps found a credential refused or accepted. While no credential is refused, it stops no steps and records only refusals.</summary>
internal sealed class CredentialCheck(IPlanning planning, CredentialStates states, IOptions<LedgerOptions> options, TimeProvider time)
{
    /// <summary>The result to record instead of a step whose credential is refused; null if the step may be taken.</summary>
    public CredentialRefused? HoldBack(ActionRecord record) => KeysOf(record).Select(states.FindRefusalOrRecordTry).FirstOrDefault(found => found is not null) is { } refused
        ? new CredentialRefused(refused.Key, refused.Credential) { Detail = refused.Reason }
        : null;

    /// <summary>Records whether the step's result shows that the credential was refused or accepted.</summary>
    public void RecordResult(ActionRecord record, StepResult result)
    {
        if (result is CredentialRefused refused)
        {
            states.Refuse(refused, StepOf(record));
        }
        else if (result is Succeeded or Failed or Continue)
        {
            foreach (var key in KeysOf(record))
            {
                states.Accept(key);
            }
        }
    }

    /// <summary>Whether an action has waited so long for its credential that it fails.</summary>
    public bool IsGivenUp(ActionRecord record) => record.Blockage is { Since: var since } && time.GetUtcNow() - since >= options.Value.CredentialTimeout;

    /// <summary>The result of an action that waited too long for its credential.</summary>
    public Failed GiveUp(ActionRecord record) => new() { Detail = $"gave up after {options.Value.CredentialTimeout} (Ledger:CredentialTimeout): {record.Detail}" };

    /// <summary>The record of an action that waits for its credential.</summary>
    public ActionRecord Waiting(ActionRecord record, CredentialRefused refused) =>
        record with { Status = ActionStatus.Running, Blockage = new(refused.Key, record.Blockage?.Since ?? time.GetUtcNow()), Detail = $"waits because {refused.Credential} is refused: {refused.Detail}" };

    // If the executor cannot name the credential before the call, the action is assumed to need the credential that was refused to an earlier action in the
    // same step of the same rule and workspace.
    private IReadOnlyList<string> KeysOf(ActionRecord record) => states.IsAnyRefused
        ? [.. new[] { record.Blockage?.Key, planning.FindCredential(record) ?? states.FindKey(StepOf(record)) }.OfType<string>().Distinct(StringComparer.Ordinal)]
        : [];

    private static string StepOf(ActionRecord record) => $"{record.Rule}\n{record.Stage}\n{record.EventReference?.Source.ToUpperInvariant()}";
}
