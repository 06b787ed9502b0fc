using Microsoft.Extensions.Options;

using MLEvents.Local.Simulator.Storage;

namespace MLEvents.Local.Simulator;

/// <summary>The simulator as a separate process.</summary>
internal static class SimulatorProgram
{
    /// <summary>Runs until the process is asked to stop, or until the data file cannot be written.</summary>
    /// <returns>0 after a stop; 1 if the simulator cannot start or cannot write its data file. In this case, one line on <paramref name="error"/> gives the reason.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter error)
    {
        try
        {
            await using var app = SimulatorService.Create(args);
            await RunUntilStoppedAsync(app, app.Services.GetRequiredService<Journal>());
            return 0;
        }
        catch (Exception exception) when (exception is IOException or OptionsValidationException || IsUnreadableSetting(exception))
        {
            await error.WriteLineAsync($"error: {exception.Message.ReplaceLineEndings(" ")}");
            return 1;
        }
    }

    /// <summary>Runs an application until it is asked to stop, or until a write of the journal fails.</summary>
    /// <exception cref="IOException">The application cannot start, or a write of the journal failed.</exception>
    internal static async Task RunUntilStoppedAsync(WebApplication app, Journal journal)
    {
        await app.StartAsync();
        var stopped = app.WaitForShutdownAsync();
        if (await Task.WhenAny(stopped, journal.Failed) != stopped)
        {
            app.Lifetime.StopApplication();
        }

        await stopped;
        if (journal.Failed.IsCompleted)
        {
            throw await journal.Failed;
        }
    }

    // The configuration binder throws this exception for a value that is not of the setting's type. The message names the setting.
    private static bool IsUnreadableSetting(Exception exception) => exception is InvalidOperationException { InnerException: FormatException or OverflowException or ArgumentException };
}
