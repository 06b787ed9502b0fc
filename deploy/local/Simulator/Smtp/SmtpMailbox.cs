using MLEvents.Local.Simulator.Diagnostics;
using MLEvents.Local.Simulator.Faults;
using MLEvents.Local.Simulator.Messages;
using MLEvents.Local.Simulator.Storage;

namespace MLEvents.Local.Simulator.Smtp;

/// <summary>The services of the simulator that a session uses: inbox, faults, counters and clock.</summary>
internal sealed partial class SmtpMailbox(Inbox inbox, FaultStore faults, CallLog calls, BackgroundWork work, TimeProvider time, ILogger<SmtpMailbox> logger)
{
    /// <summary>The simulator's clock.</summary>
    public TimeProvider Time => time;

    /// <summary>Takes the fault for a new session or for the next mail of an open session; null if there is none.</summary>
    public Fault? TakeFault() => faults.Take(SmtpServer.Operation, Fault.HttpKinds);

    /// <summary>Waits on the simulator's clock if the condition is true; otherwise, does not wait.</summary>
    public Task WaitAsync(TimeSpan duration, CancellationToken cancellationToken, bool condition = true) =>
        condition ? work.WaitAsync(duration, cancellationToken) : Task.CompletedTask;

    /// <summary>Stores a mail.</summary>
    public void Deliver(string from, IReadOnlyList<string> to, byte[] raw) => inbox.Add(from, to, raw);

    /// <summary>Counts the answer to a mail, or a session that a fault ended.</summary>
    public void Count(string resource, int status, bool changedState, Fault? fault) => calls.Add(new(SmtpServer.Operation, resource, status, changedState, fault?.Kind));

    /// <summary>Logs that a client disconnected or timed out.</summary>
    public void Lost(Exception exception) => LogLost(exception.Message);

    [LoggerMessage(1, LogLevel.Debug, "An SMTP session ended: {Reason}")]
    private partial void LogLost(string reason);
}
