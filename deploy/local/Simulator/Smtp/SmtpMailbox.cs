using MLEvents.Local.Simulator.Control;

namespace MLEvents.Local.Simulator.Smtp;

/// <summary>What a session needs of the simulator: where mail goes, which faults to play, the clock.</summary>
internal sealed partial class SmtpMailbox(Inbox inbox, FaultStore faults, CallLog calls, BackgroundWork work, TimeProvider time, ILogger<SmtpMailbox> logger)
{
    /// <summary>The simulator's clock.</summary>
    public TimeProvider Time => time;

    /// <summary>The fault that hits the session that begins now, or null.</summary>
    public Fault? TakeFault() => faults.Take(SmtpServer.Operation, Fault.HttpKinds);

    /// <summary>Waits on the simulator's clock, or not at all.</summary>
    public Task WaitAsync(TimeSpan duration, CancellationToken cancellationToken, bool really = true) =>
        really ? work.WaitAsync(duration, cancellationToken) : Task.CompletedTask;

    /// <summary>Takes a mail.</summary>
    public void Deliver(string from, IReadOnlyList<string> to, byte[] raw) => inbox.Add(from, to, raw);

    /// <summary>Counts an answer to a mail, or a session that a fault ended.</summary>
    public void Count(string resource, int status, bool worked, Fault? fault) => calls.Add(new(SmtpServer.Operation, resource, status, worked, fault?.Kind));

    /// <summary>A client went away or fell silent.</summary>
    public void Lost(Exception exception) => LogLost(exception.Message);

    [LoggerMessage(1, LogLevel.Debug, "An SMTP client was lost: {Reason}")]
    private partial void LogLost(string reason);
}
