using System.Runtime.InteropServices;

using Microsoft.Extensions.Logging.Console;

using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.Configuration;

namespace MLEvents.Local.Sidecar;

/// <summary>Runs the sidecar as a separate process.</summary>
internal static class SidecarProgram
{
    /// <summary>Runs until SIGTERM or SIGINT.</summary>
    /// <returns>0; 1 if the sidecar could not start, or if it had to cancel deliveries to stop in time.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter error)
    {
        try
        {
            var options = CommandLine.Parse(args, Environment.GetEnvironmentVariable);
            options.ConfigureLogging = logging => logging.AddSimpleConsole(Format);
            return await RunAsync(options);
        }
        catch (Exception exception) when (exception is ResourceException or IOException)
        {
            await error.WriteLineAsync($"error: {exception.Message}");
            return 1;
        }
    }

    private static async Task<int> RunAsync(SidecarOptions options)
    {
        var ended = new TaskCompletionSource();
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, End);
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, End);
        await using var host = await SidecarHost.StartAsync(options, CancellationToken.None);
        await ended.Task;
        return await host.StopAsync() ? 0 : 1;

        void End(PosixSignalContext context)
        {
            context.Cancel = true;
            ended.TrySetResult();
        }
    }

    private static void Format(SimpleConsoleFormatterOptions format)
    {
        format.SingleLine = true;
        format.TimestampFormat = "yyyy-MM-ddTHH:mm:ss.fffZ ";
        format.UseUtcTimestamp = true;
    }
}
