namespace MLEvents.Local.Verify;

/// <summary>The exit codes of the verification; <c>--help</c> lists them.</summary>
internal static class ExitCodes
{
    /// <summary>No action was lost, and every duplicate was reported.</summary>
    public const int Passed = 0;

    /// <summary>An action was lost, a duplicate was not reported, or a rule was not followed.</summary>
    public const int Failed = 1;

    /// <summary>The command line is invalid.</summary>
    public const int Usage = 2;

    /// <summary>The verification could not start or complete.</summary>
    public const int Incomplete = 3;
}
