namespace MLEvents.Local.Simulator.Smtp;

/// <summary>The address of the SMTP server.</summary>
public sealed class SmtpEndpoint
{
    /// <summary>The port on loopback, 1 to 65535; 0 until the simulator has started.</summary>
    public int Port { get; internal set; }
}
