using Microsoft.Extensions.Options;

using MLEvents.Dashboard.History;

namespace MLEvents.Benchmarks;

/// <summary>Measures the size of the history database.</summary>
internal static class HistorySize
{
    /// <summary>The size in bytes: of the SQLite file, or of the PostgreSQL database.</summary>
    public static async Task<long> ReadAsync(WebApplication app, CancellationToken cancellationToken)
    {
        var options = app.Services.GetRequiredService<IOptions<HistoryOptions>>().Value;
        if (options.PostgreSql is not { Length: > 0 })
        {
            return new FileInfo(options.File).Length;
        }

        await using var connection = app.Services.GetRequiredService<HistoryDatabase>().Open();
        return await connection.CountAsync($"SELECT pg_database_size(current_database())", cancellationToken);
    }
}
