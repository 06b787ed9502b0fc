using System.CommandLine;

using MLEvents.Events;

namespace MLEvents.Cli.Login;

/// <summary><c>mlevents login</c> and <c>logout</c>: the token with which the other commands call the services.</summary>
internal static class LoginCommand
{
    private const string Description = """
        Logs in, so that the other commands call the services as you. Without --az, you confirm a code in a browser. The token is stored in a file that only
        you can read. The commands renew the token when it expires, unless the issuer returned no refresh token. --token and MLEVENTS_TOKEN take precedence
        over the stored token.

        Examples:
          mlevents login --issuer https://login.microsoftonline.com/TENANT/v2.0 --client-id APPLICATION --scope APPLICATION/.default
          mlevents login --az --scope APPLICATION/.default       takes the token from the Azure CLI
        """;

    private const string Offline = "offline_access";

    public static Command Create()
    {
        var issuer = new Option<string?>("--issuer") { Description = "The OpenID Connect issuer: an https address, or http on this machine." };
        var clientId = new Option<string?>("--client-id") { Description = "The application's id at the issuer." };
        var scope = new Option<string>("--scope") { Description = "The scope that makes the issuer create tokens for the services.", Required = true };
        var azure = new Option<bool>("--az") { Description = "Get the token from the Azure CLI (az account get-access-token)." };
        var command = new Command("login", Description) { issuer, clientId, scope, azure };
        command.Validators.Add(result =>
        {
            if (result.GetValue(azure) == (result.GetValue(issuer) is not null && result.GetValue(clientId) is not null))
            {
                result.AddError("Set --issuer and --client-id, or --az.");
            }

            if (result.GetValue(issuer) is { } address && !(Uri.TryCreate(address, UriKind.Absolute, out var uri) && SecureAddress.IsSecure(uri)))
            {
                result.AddError($"--issuer must be an https address, or http on this machine, not '{address}'.");
            }
        });
        return command.Does(async (parsed, terminal, cancellationToken) =>
        {
            var login = parsed.GetValue(azure)
                ? await AzureLogin.RunAsync(parsed.GetRequiredValue(scope), cancellationToken)
                : await RunAsync(terminal, parsed.GetRequiredValue(issuer), parsed.GetRequiredValue(clientId), parsed.GetRequiredValue(scope), cancellationToken);
            await LoginCache.WriteAsync(login, cancellationToken);
            await terminal.Output.WriteLineAsync($"logged in until {login.ExpiresAt:u}{(login.RefreshToken is null && login.Source == CachedLogin.DeviceSource ? "" : ", then renewed")}");
            return ExitCodes.Done;
        });
    }

    public static Command CreateLogout() => new Command("logout", "Deletes the stored login.").Does(async (_, terminal, _) =>
    {
        LoginCache.Delete();
        await terminal.Output.WriteLineAsync("logged out");
        return ExitCodes.Done;
    });

    private static async Task<CachedLogin> RunAsync(Terminal terminal, string? issuer, string? clientId, string scope, CancellationToken cancellationToken)
    {
        using var client = new TokenClient();
        var withRenewal = scope.Split(' ').Contains(Offline) ? scope : $"{scope} {Offline}";
        return issuer is null || clientId is null
            ? throw new CommandFault(ExitCodes.Usage, "Set --issuer and --client-id, or --az.")
            : await new DeviceLogin(client, terminal, TimeProvider.System).RunAsync(new Uri(issuer), clientId, withRenewal, cancellationToken);
    }
}
