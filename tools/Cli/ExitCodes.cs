namespace MLEvents.Cli;

/// <summary>The exit codes of <c>mlevents</c>. <c>--help</c> lists them.</summary>
internal static class ExitCodes
{
    /// <summary>The command succeeded, and its result is positive.</summary>
    public const int Done = 0;

    /// <summary>The result is negative: a rule file is invalid, an item does not exist, or a service refused the request.</summary>
    public const int Refused = 1;

    /// <summary>The command line or the stored login is invalid, or the command would send a secret over an unencrypted connection.</summary>
    public const int Usage = 2;

    /// <summary>A service or a file that the command needs is not reachable.</summary>
    public const int Unreachable = 3;
}
