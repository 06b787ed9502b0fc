namespace MLEvents.Local.Host;

/// <summary>The exit codes of the host. <c>--help</c> lists them.</summary>
internal static class ExitCodes
{
    /// <summary>The scenario completed, no scenario was played, or a host without <c>--once</c> was stopped during its start or during the scenario.</summary>
    public const int Completed = 0;

    /// <summary>The scenario did not complete, a host with <c>--once</c> was stopped, or the report could not be written.</summary>
    public const int NotCompleted = 1;

    /// <summary>The command line is invalid, or the host could not start.</summary>
    public const int NotStarted = 2;
}
