using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Hosting;

using MLEvents.ServiceDefaults.Logging;

namespace MLEvents.ServiceDefaults;

/// <summary>Runs a service as a program.</summary>
public static class ServiceProgram
{
    private const int Failed = 1;

    /// <summary>Runs a service until it stops. A failure is printed to standard error without secrets, because the runtime would print the exception unchanged.</summary>
    /// <param name="create">Creates the service.</param>
    /// <returns>The exit code: 0, or 1 after a failure.</returns>
    public static Task<int> RunAsync(Func<WebApplication> create) => RunAsync(create, Console.Error);

    internal static async Task<int> RunAsync(Func<WebApplication> create, TextWriter error)
    {
        try
        {
            await using var app = create();
            await app.RunAsync();
            return 0;
        }
        catch (Exception exception) when (exception is not HostAbortedException)
        {
            // HostAbortedException is not caught, because migration tools use it to end the program after its services were created.
            await error.WriteLineAsync($"Unhandled exception. {RedactedException.From(exception)}");
            return Failed;
        }
    }
}
