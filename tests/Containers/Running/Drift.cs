namespace MLEvents.Containers.Running;

/// <summary>Sends the drift event of docs/operations.md.</summary>
internal static class Drift
{
    /// <summary>Sends the event with <c>mlevents send</c>.</summary>
    public static Task<(int ExitCode, string Output)> SendAsync(int ingress) => CommandLineTool.RunAsync(
        ["send", "deploy/event-grid/sample-drift.json", "--to", $"http://localhost:{ingress}/events", "--key", "local-development-key"],
        TestContext.Current.CancellationToken);
}
