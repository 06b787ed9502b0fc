using System.Diagnostics.Metrics;

using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MLEvents.Ledger.Credentials;

/// <summary>
/// The credentials that other systems refuse at present. A refusal is a state of the credential, not a failure of each action that needs it. The actions wait, and one of them tries the credential
/// at intervals. When the credential is accepted, all these actions continue. Each replica keeps its own states.
/// </summary>
internal sealed partial class CredentialStates
{
    // A refusal that no action confirmed for this many intervals is removed, because the actions that waited have ended.
    private const int Confirmations = 5;

    // The waits of actions vary by 10 %, so the first action after 80 % of an interval may already try the credential.
    private const double Tolerance = 0.8;

    private readonly Dictionary<string, RefusedCredential> _refused = [];
    private readonly Dictionary<string, string> _keysOfSteps = [];
    private readonly Lock _gate = new();
    private readonly TimeSpan _interval;
    private readonly TimeProvider _time;
    private readonly ILogger<CredentialStates> _logger;
    private volatile bool _isAnyRefused;

    public CredentialStates(IMeterFactory meters, LedgerService service, IOptions<LedgerOptions> options, TimeProvider time, ILogger<CredentialStates> logger)
    {
        (_interval, _time, _logger) = (options.Value.CredentialInterval, time, logger);
        meters.Create(LedgerTelemetry.MeterName).CreateObservableGauge(
            "mlevents.ledger.credentials.refused", () => Current().Select(refused => new Measurement<int>(1, new("service", service.Name), new("credential", refused.Key))), "{credential}",
            "Credentials that another system refuses at present, by service and credential.");
    }

    /// <summary>Whether any credential is refused. If not, actions need not say which credential they use.</summary>
    public bool IsAnyRefused => _isAnyRefused;

    /// <summary>The credentials that are refused at present.</summary>
    public IReadOnlyList<RefusedCredential> Current()
    {
        lock (_gate)
        {
            var before = _time.GetUtcNow() - (_interval * Confirmations);
            foreach (var key in _refused.Where(entry => entry.Value.ConfirmedAt < before).Select(entry => entry.Key).ToList())
            {
                Forget(key);
            }

            return [.. _refused.Values];
        }
    }

    /// <summary>
    /// The refusal of a credential, if the caller must not try the credential now; null if the caller may try it. Only one caller may try a refused credential in each interval.
    /// The method therefore records the try when it returns null for a refused credential.
    /// </summary>
    public RefusedCredential? FindRefusalOrRecordTry(string key)
    {
        lock (_gate)
        {
            if (!_refused.TryGetValue(key, out var refused))
            {
                return null;
            }

            var now = _time.GetUtcNow();
            if (now < refused.TriedAt + (_interval * Tolerance))
            {
                return refused;
            }

            _refused[key] = refused with { TriedAt = now };
            return null;
        }
    }

    /// <summary>The key of the credential that was refused when an earlier action took the same step; null if there is none, or if the credential has been accepted since.</summary>
    public string? FindKey(string step)
    {
        lock (_gate)
        {
            return _keysOfSteps.GetValueOrDefault(step);
        }
    }

    /// <summary>Records that another system refused a credential.</summary>
    /// <param name="refusal">The refusal.</param>
    /// <param name="step">Identifies the step that needed the credential. Other actions whose step has the same text need the credential too.</param>
    public void Refuse(CredentialRefused refusal, string step)
    {
        var now = _time.GetUtcNow();
        bool isNew;
        lock (_gate)
        {
            isNew = !_refused.TryGetValue(refusal.Key, out var before);
            _refused[refusal.Key] = new(refusal.Key, refusal.Credential, refusal.Detail ?? "", before?.Since ?? now, now, now);
            _keysOfSteps[step] = refusal.Key;
            _isAnyRefused = true;
        }

        if (isNew)
        {
            LogRefused(refusal.Credential, refusal.Detail);
        }
    }

    /// <summary>Records that another system accepted a credential.</summary>
    public void Accept(string key)
    {
        RefusedCredential? before;
        lock (_gate)
        {
            _refused.TryGetValue(key, out before);
            Forget(key);
        }

        if (before is not null)
        {
            LogAccepted(before.Credential, before.Since);
        }
    }

    private void Forget(string key)
    {
        _refused.Remove(key);
        foreach (var step in _keysOfSteps.Where(entry => entry.Value == key).Select(entry => entry.Key).ToList())
        {
            _keysOfSteps.Remove(step);
        }

        _isAnyRefused = _refused.Count > 0;
    }

    [LoggerMessage(1, LogLevel.Error, "{Credential} is refused: {Reason}. Actions that need it wait and continue when it is accepted; correct the credential or its role")]
    private partial void LogRefused(string credential, string? reason);

    [LoggerMessage(2, LogLevel.Information, "{Credential} is accepted again; it had been refused since {Since}. The waiting actions continue")]
    private partial void LogAccepted(string credential, DateTimeOffset since);
}

/// <summary>A credential that another system refuses.</summary>
/// <param name="Key">Identifies the credential in this service.</param>
/// <param name="Credential">The credential, for people.</param>
/// <param name="Reason">The answer of the other system, and the missing role if it is known.</param>
/// <param name="Since">When the credential was first refused.</param>
/// <param name="ConfirmedAt">When the credential was last refused.</param>
/// <param name="TriedAt">When an action last tried the credential.</param>
internal sealed record RefusedCredential(string Key, string Credential, string Reason, DateTimeOffset Since, DateTimeOffset ConfirmedAt, DateTimeOffset TriedAt);
