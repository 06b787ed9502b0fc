using Microsoft.Extensions.Options;

namespace MLEvents.Local.Simulator;

/// <summary>The simulator as a process of its own.</summary>
internal static class SimulatorProgram
{
    /// <summary>Runs until it is told to stop.</summary>
    /// <returns>0; 1 when it could not start, which one line on <paramref name="error"/> explains.</returns>
    public static async Task<int> RunAsync(string[] args, TextWriter error)
    {
        try
        {
            await using var app = SimulatorService.Create(args);
            await app.RunAsync();
            return 0;
        }
        catch (Exception refusal) when (refusal is IOException or OptionsValidationException)
        {
            await error.WriteLineAsync($"error: {refusal.Message.ReplaceLineEndings(" ")}");
            return 1;
        }
    }
}
