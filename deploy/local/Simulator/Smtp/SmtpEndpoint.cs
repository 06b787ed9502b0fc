namespace MLEvents.Local.Simulator.Smtp;

/// <summary>Where the SMTP inbox listens.</summary>
public sealed class SmtpEndpoint
{
    /// <summary>The port on loopback, 1 to 65535; 0 until the simulator has started.</summary>
    public int Port { get; internal set; }
}
