using Microsoft.Extensions.Options;

namespace MLEvents.Local.Simulator;

/// <summary>The simulator as a separate process.</summary>
internal static class SimulatorProgram
{
    /// <summary>Runs until the process is asked to stop.</summary>
    /// <returns>0; 1 when the simulator cannot start. One line on <paramref name="error"/> gives the reason.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter error)
    {
        try
        {
            await using var app = SimulatorService.Create(args);
            await app.RunAsync();
            return 0;
        }
        catch (Exception exception) when (exception is IOException or OptionsValidationException || IsUnreadableSetting(exception))
        {
            await error.WriteLineAsync($"error: {exception.Message.ReplaceLineEndings(" ")}");
            return 1;
        }
    }

    // The configuration binder throws this exception for a value that is not of the setting's type. The message names the setting.
    private static bool IsUnreadableSetting(Exception exception) => exception is InvalidOperationException { InnerException: FormatException or OverflowException or ArgumentException };
}
