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

    /// <summary>Events to publish in addition to <c>ActionChanged</c>, before the result is written.</summary>
    internal IReadOnlyList<UnpublishedEvent> Events { get; init; } = [];
}

/// <summary>The action succeeded.</summary>
public sealed record Succeeded : StepResult;

/// <summary>The action is skipped on purpose; the detail is the reason.</summary>
public sealed record Skipped : StepResult;

/// <summary>The action cannot succeed, so the ledger does not retry it.</summary>
public sealed record Failed : StepResult;

/// <summary>The action is not finished. The next step follows after the wait, in the same or another stage, and no attempt is consumed.</summary>
/// <param name="Stage">The stage that the action has reached.</param>
/// <param name="After">How long to wait before the next step; zero continues at once.</param>
public sealed record Continue(string Stage, TimeSpan After) : StepResult;

/// <summary>The step failed and can succeed later: the ledger repeats it after its back-off.</summary>
/// <param name="After">
/// The minimum wait, for instance from a Retry-After header. The ledger waits for this time or its back-off, whichever is longer; null for the back-off alone.
/// </param>
public sealed record Retry(TimeSpan? After = null) : StepResult;

/// <summary>
/// The other system refused this service's credential, or the credential lacks a role. The actions that use this credential wait without consuming an attempt. At intervals, one of
/// them repeats its step. An action fails if it waits longer than <see cref="LedgerOptions.CredentialTimeout"/>.
/// </summary>
/// <param name="Key">Identifies the credential in this service: actions with the same key wait together.</param>
/// <param name="Credential">The credential, for people, for instance <c>the password of Mail:UserName</c>.</param>
public sealed record CredentialRefused(string Key, string Credential) : StepResult;
