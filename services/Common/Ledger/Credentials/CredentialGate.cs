using Microsoft.Extensions.Options;

using MLEvents.Ledger.Planning;

namespace MLEvents.Ledger.Credentials;

/// <summary>Stops steps that need a refused credential, and records whether steps found a credential refused or accepted. It does nothing while no credential is refused.</summary>
internal sealed class CredentialGate(IPlanning planning, CredentialStates states, IOptions<LedgerOptions> options, TimeProvider time)
{
    /// <summary>The result to record instead of a step whose credential is refused; null if the step may be taken.</summary>
    public CredentialRefused? HoldBack(ActionRecord record) =>
        KeyOf(record) is { } key && states.FindRefusal(key) is { } refused ? new CredentialRefused(key, refused.Credential) { Detail = refused.Reason } : null;

    /// <summary>Records whether the step's result shows that the credential was refused or accepted.</summary>
    public void Note(ActionRecord record, StepResult result)
    {
        if (result is CredentialRefused refused)
        {
            states.Refuse(refused);
        }
        else if (result is Succeeded or Failed or Continue && KeyOf(record) is { } key)
        {
            states.Accept(key);
        }
    }

    /// <summary>Whether an action has waited so long for its credential that it fails.</summary>
    public bool IsGivenUp(ActionRecord record) => record.Blockage is { Since: var since } && time.GetUtcNow() - since >= options.Value.CredentialTimeout;

    /// <summary>The result of such an action.</summary>
    public Failed GiveUp(ActionRecord record) => new() { Detail = $"gave up after {options.Value.CredentialTimeout} (Ledger:CredentialTimeout): {record.Detail}" };

    /// <summary>The record of an action that waits for its credential.</summary>
    public ActionRecord Waiting(ActionRecord record, CredentialRefused refused) =>
        record with { Status = ActionStatus.Running, Blockage = new(refused.Key, record.Blockage?.Since ?? time.GetUtcNow()), Detail = $"waits because {refused.Credential} is refused: {refused.Detail}" };

    private string? KeyOf(ActionRecord record) => !states.IsAnyRefused ? null : record.Blockage?.Key ?? planning.FindCredential(record);
}
