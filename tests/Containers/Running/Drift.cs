namespace MLEvents.Containers.Running;

/// <summary>The drift that docs/operations.md sends.</summary>
internal static class Drift
{
    /// <summary>Sends it with <c>mlevents</c>.</summary>
    public static Task<(int ExitCode, string Output)> SendAsync(int ingress) => CommandLineTool.RunAsync(
        ["send", "deploy/event-grid/sample-drift.json", "--to", $"http://localhost:{ingress}/events", "--key", "local-development-key"],
        TestContext.Current.CancellationToken);
}
