using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace MLEvents.Cli.Login;

/// <summary>Gets tokens from the Azure CLI. The user must be logged in to the Azure CLI.</summary>
internal static class AzureLogin
{
    /// <summary>Gets a token with <c>az account get-access-token</c>.</summary>
    /// <exception cref="CommandFault">The Azure CLI does not exist, returned an error, or returned no valid token.</exception>
    public static async Task<CachedLogin> RunAsync(string scope, CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(OperatingSystem.IsWindows() ? "az.cmd" : "az", ["account", "get-access-token", "--scope", scope, "--output", "json"])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using var process = Process.Start(start) ?? throw new CommandFault(ExitCodes.Unreachable, "The Azure CLI (az) did not start. Install it, or log in with --issuer and --client-id.");
            var error = process.StandardError.ReadToEndAsync(cancellationToken);
            var output = await process.StandardOutput.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return process.ExitCode != 0
                ? throw new CommandFault(ExitCodes.Refused, $"az account get-access-token failed: {OperatorJson.Safe((await error).Trim())} Run az login, and check --scope.")
                : Read(output, scope) ?? throw new CommandFault(ExitCodes.Refused, "az account get-access-token returned no valid 'accessToken' and 'expires_on'. Update the Azure CLI, or log in with --issuer and --client-id.");
        }
        catch (Win32Exception exception)
        {
            throw new CommandFault(ExitCodes.Unreachable, "The Azure CLI (az) was not found. Install it, or log in with --issuer and --client-id.", exception);
        }
    }

    private static CachedLogin? Read(string output, string scope)
    {
        try
        {
            using var document = JsonDocument.Parse(output);
            var root = document.RootElement;
            return OperatorJson.Text(root, "accessToken") is { Length: > 0 } token
                && long.TryParse(OperatorJson.Text(root, "expires_on"), NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) && seconds <= DateTimeOffset.MaxValue.ToUnixTimeSeconds()
                ? new CachedLogin(CachedLogin.AzureSource, scope, token, DateTimeOffset.FromUnixTimeSeconds(seconds))
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
