namespace MLEvents.Cli;

/// <summary>What the exit code of <c>mlevents</c> says; <c>--help</c> lists them.</summary>
internal static class ExitCodes
{
    /// <summary>Done, and the answer is yes.</summary>
    public const int Done = 0;

    /// <summary>Done, and the answer is no: a rule file is wrong, what was asked for is not there or was refused.</summary>
    public const int Refused = 1;

    /// <summary>The command line makes no sense.</summary>
    public const int Usage = 2;

    /// <summary>A service or a file that the command needs could not be reached.</summary>
    public const int Unreachable = 3;
}
