using MLEvents.Events;

namespace MLEvents.Ledger;

/// <summary>The result of a step. It decides how the ledger continues with the action.</summary>
public abstract record StepResult
{
    /// <summary>The result, the reason or the error, for people: without secrets, <see cref="Redaction.MaxLength"/> characters at most. Null keeps the detail of the record.</summary>
    public string? Detail { get; init => field = Redaction.Bound(value); }

    /// <summary>Links to add to those of the record.</summary>
    public IReadOnlyDictionary<string, Uri> Links { get; init; } = new Dictionary<string, Uri>();

    /// <summary>State to add to that of the record. Operators see it, and later steps read it unchanged. Pass text of other systems through <see cref="Redaction.Bound"/> first.</summary>
    public IReadOnlyDictionary<string, string> State { get; init; } = new Dictionary<string, string>();

    /// <summary>Events to publish before the result is written, besides the change of the action.</summary>
    internal IReadOnlyList<UnpublishedEvent> Events { get; init; } = [];
}

/// <summary>The action succeeded.</summary>
public sealed record Succeeded : StepResult;

/// <summary>The action is skipped on purpose; the detail is the reason.</summary>
public sealed record Skipped : StepResult;

/// <summary>The action cannot succeed, so the ledger does not retry it.</summary>
public sealed record Failed : StepResult;

/// <summary>The step succeeded and another one follows.</summary>
/// <param name="Stage">The stage that the action has reached.</param>
/// <param name="After">How long to wait before the next step; zero continues at once.</param>
public sealed record Continue(string Stage, TimeSpan After) : StepResult;

/// <summary>The step failed and can succeed later: the ledger repeats it after its back-off.</summary>
/// <param name="After">The shortest wait, for instance from a Retry-After header; null uses the back-off.</param>
public sealed record Retry(TimeSpan? After = null) : StepResult;

/// <summary>
/// The other system refused this service's credential, or the credential lacks a role. The actions with this credential wait without consuming an attempt, and at intervals one of
/// them repeats its step. An action that has waited for <see cref="LedgerOptions.CredentialTimeout"/> fails.
/// </summary>
/// <param name="Key">Identifies the credential in this service: actions with the same key wait together.</param>
/// <param name="Credential">The credential, for people, for instance <c>the password of Mail:UserName</c>.</param>
public sealed record CredentialRefused(string Key, string Credential) : StepResult;
