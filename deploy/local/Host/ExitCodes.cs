namespace MLEvents.Local.Host;

/// <summary>What the host's exit code says; <c>--help</c> lists them.</summary>
internal static class ExitCodes
{
    /// <summary>The loop closed, or the host was told to stop when it had nothing left to prove.</summary>
    public const int Closed = 0;

    /// <summary>The loop did not close, or the report could not be written.</summary>
    public const int NotClosed = 1;

    /// <summary>The command line makes no sense, or something did not start.</summary>
    public const int NotStarted = 2;
}
