using System.Globalization;

using MLEvents.Dashboard.History;

namespace MLEvents.Dashboard.Rebuilding;

/// <summary>The command <c>--rebuild DIR</c>, which fills the history from the event archive in a folder and from the ledgers of the services.</summary>
/// <remarks>
/// An entry is added only if it is not stored yet. A stored action is replaced only by a later state. The command can be interrupted and repeated, and can run
/// while the dashboard runs.
/// </remarks>
internal static class RebuildCommand
{
    private const int Done = 0;
    private const int Incomplete = 1;
    private const int NotFound = 3;

    /// <summary>Whether the arguments contain <c>--rebuild</c>.</summary>
    public static bool IsRequested(IEnumerable<string> args) => args.Any(argument => argument == "--rebuild" || argument.StartsWith("--rebuild=", StringComparison.Ordinal));

    /// <summary>Executes the command.</summary>
    /// <returns>0 if everything was read and stored; 1 if an event, a service or the database failed; 3 if the folder is not given or does not exist.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter output, CancellationToken cancellationToken)
    {
        await using var app = DashboardService.Create(args);
        if (app.Configuration["rebuild"] is not { Length: > 0 } folder || !Directory.Exists(folder))
        {
            await output.WriteLineAsync("--rebuild needs the folder with the archived events: --rebuild DIR. An empty folder is allowed.");
            return NotFound;
        }

        var writer = app.Services.GetRequiredService<HistoryWriter>();
        try
        {
            await app.Services.GetRequiredService<HistoryDatabase>().MigrateAsync(cancellationToken);
            await writer.StartAsync(cancellationToken);
            return await RebuildAsync(app.Services, folder, output, cancellationToken);
        }
        catch (Exception exception) when (exception is HistoryUnavailableException or TimeoutException or System.Data.Common.DbException or IOException or UnauthorizedAccessException)
        {
            await output.WriteLineAsync($"The rebuild stopped: {exception.Message} Repeat the command. It keeps the entries that are already stored.");
            return Incomplete;
        }
        finally
        {
            await writer.StopAsync(CancellationToken.None);
        }
    }

    private static async Task<int> RebuildAsync(IServiceProvider services, string folder, TextWriter output, CancellationToken cancellationToken)
    {
        var archive = await services.GetRequiredService<ArchiveRebuild>().RunAsync(folder, output, cancellationToken);
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"archive: {Count(archive.Stored, "event")} stored, {archive.Expired} older than the retention, {archive.Unreadable} unreadable"));
        var isComplete = archive.Unreadable == 0;
        await using var scope = services.CreateAsyncScope();
        foreach (var ledger in await scope.ServiceProvider.GetRequiredService<LedgerRebuild>().RunAsync(cancellationToken))
        {
            isComplete &= ledger.Fault is null;
            await output.WriteLineAsync(ledger.Fault is { } fault ? $"{ledger.Service}: {fault}" : $"{ledger.Service}: {Count(ledger.Actions, "action")} and {Count(ledger.Questions, "question")} read");
        }

        return isComplete ? Done : Incomplete;
    }

    private static string Count(long number, string noun) => string.Create(CultureInfo.InvariantCulture, $"{number} {noun}{(number == 1 ? "" : "s")}");
}
