using Microsoft.Extensions.Options;

namespace MLEvents.Notifier.Email;

/// <summary>
/// Keeps a few authenticated sessions open, because connecting costs more than sending a mail. A session that was idle for a while is reset before its next mail,
/// so that a closed session is replaced before the mail is attempted.
/// </summary>
internal sealed class SmtpSessionPool : IAsyncDisposable
{
    /// <summary>How long a session can be idle without a reset before its next mail. A reset costs a round trip, and it is not needed because the server has just answered.</summary>
    public static readonly TimeSpan MaxIdleWithoutReset = TimeSpan.FromSeconds(1);

    private readonly MailOptions _options;
    private readonly MailTokens _tokens;
    private readonly TimeProvider _time;
    private readonly ITimer _sweep;
    private readonly SemaphoreSlim _slots;
    private readonly Lock _gate = new();
    private readonly Stack<SmtpSession> _idle = [];
    private Task _closing = Task.CompletedTask;
    private bool _isSweepDue;

    public SmtpSessionPool(IOptions<MailOptions> options, MailTokens tokens, TimeProvider time)
    {
        (_options, _tokens, _time) = (options.Value, tokens, time);
        _slots = new SemaphoreSlim(_options.Sessions);
        _sweep = time.CreateTimer(_ => CloseExpired(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Waits for a slot: the settings limit how many mails are sent at the same time. Call <see cref="Leave"/> after each completed wait.</summary>
    public Task EnterAsync(CancellationToken cancellationToken) => _slots.WaitAsync(cancellationToken);

    /// <summary>Releases the slot, so that the next mail can start.</summary>
    public void Leave() => _slots.Release();

    /// <summary>Takes an open session, or connects a new one. <see cref="SmtpSession.IsUnchecked"/> of the session states whether the server may have closed it.</summary>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <param name="mustReset">Whether each open session is reset. Set it after the server has closed a session that was not reset.</param>
    public async Task<SmtpSession> RentAsync(CancellationToken cancellationToken, bool mustReset = false)
    {
        while (TakeIdle() is { } session)
        {
            session.IsUnchecked = !mustReset && session.IsConnected && _time.GetElapsedTime(session.ReturnedAt) < MaxIdleWithoutReset;
            if (session.IsUnchecked)
            {
                return session;
            }

            var isReady = false;
            try
            {
                isReady = await session.TryResetAsync(cancellationToken);
                if (isReady)
                {
                    return session;
                }
            }
            finally
            {
                // TryResetAsync throws if it is cancelled.
                if (!isReady)
                {
                    session.Dispose();
                }
            }
        }

        return await SmtpSession.ConnectAsync(_options, _tokens, cancellationToken);
    }

    /// <summary>Returns a session after a successful mail. A session whose mail failed must be disposed of instead.</summary>
    public void Return(SmtpSession session)
    {
        (session.IdleSince, session.ReturnedAt) = (_time.GetUtcNow(), _time.GetTimestamp());
        lock (_gate)
        {
            if (session.IsConnected && session.Sent < _options.MailsPerSession && _idle.Count < _options.IdleSessions)
            {
                _idle.Push(session);
                if (!_isSweepDue)
                {
                    // A pending sweep is not postponed. It is due at the latest when the session that has been idle longest expires.
                    _isSweepDue = true;
                    _sweep.Change(_options.SessionIdle, Timeout.InfiniteTimeSpan);
                }

                return;
            }

            _closing = CloseAsync(_closing, [session]);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _sweep.DisposeAsync();
        lock (_gate)
        {
            _closing = CloseAsync(_closing, [.. _idle]);
            _idle.Clear();
        }

        await _closing;
        _slots.Dispose();
    }

    private SmtpSession? TakeIdle()
    {
        lock (_gate)
        {
            return _idle.TryPop(out var session) ? session : null;
        }
    }

    // Closes the sessions that were idle for the whole limit. If other sessions are left, the timer runs again when the next session expires.
    private void CloseExpired()
    {
        lock (_gate)
        {
            var limit = _time.GetUtcNow() - _options.SessionIdle;
            var expired = _idle.Where(session => session.IdleSince <= limit).ToList();
            var left = _idle.Where(session => session.IdleSince > limit).Reverse().ToList();
            _idle.Clear();
            left.ForEach(_idle.Push);
            _closing = CloseAsync(_closing, expired);
            _isSweepDue = left.Count > 0;
            if (_isSweepDue)
            {
                _sweep.Change(left.Min(session => session.IdleSince) - limit, Timeout.InfiniteTimeSpan);
            }
        }
    }

    private async Task CloseAsync(Task before, IReadOnlyList<SmtpSession> sessions)
    {
        await before;
        foreach (var session in sessions)
        {
            using var timeout = new CancellationTokenSource(_options.Timeout, _time);
            try
            {
                await session.DisconnectAsync(quit: true, timeout.Token);
            }
            catch (Exception exception) when (MailFailure.IsKnown(exception) || exception is OperationCanceledException)
            {
                // The mails are already sent, so a server that does not answer QUIT does no harm.
            }

            session.Dispose();
        }
    }
}
