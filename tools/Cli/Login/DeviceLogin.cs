using System.Text.Json;

namespace MLEvents.Cli.Login;

/// <summary>Logs in by device code: the user confirms a code in a browser, on any machine.</summary>
/// <seealso href="https://www.rfc-editor.org/rfc/rfc8628"/>
internal sealed class DeviceLogin(TokenClient client, Terminal terminal, TimeProvider time)
{
    private const string Grant = "urn:ietf:params:oauth:grant-type:device_code";
    private const int DefaultInterval = 5;
    private const int DefaultLifetime = 900;
    private static readonly TimeSpan SlowDown = TimeSpan.FromSeconds(5);

    /// <summary>Shows the code and waits until it is confirmed.</summary>
    /// <exception cref="CommandFault">The issuer cannot be reached, the issuer or the user refused, or the code expired.</exception>
    public async Task<CachedLogin> RunAsync(Uri issuer, string clientId, string scope, CancellationToken cancellationToken)
    {
        var (device, token) = await client.DiscoverAsync(issuer, cancellationToken);
        var (status, asked) = await client.PostAsync(device, new Dictionary<string, string> { ["client_id"] = clientId, ["scope"] = scope }, cancellationToken);
        if (OperatorJson.Text(asked, "device_code") is not { Length: > 0 } code)
        {
            throw Refused(status, asked);
        }

        await terminal.Error.WriteLineAsync($"Open {OperatorJson.Text(asked, "verification_uri")} in a browser, and enter the code {OperatorJson.Text(asked, "user_code")}.");
        var form = new Dictionary<string, string> { ["grant_type"] = Grant, ["client_id"] = clientId, ["device_code"] = code };
        return await PollAsync(token, form, scope, asked, cancellationToken);
    }

    private async Task<CachedLogin> PollAsync(Uri endpoint, Dictionary<string, string> form, string scope, JsonElement asked, CancellationToken cancellationToken)
    {
        var interval = TimeSpan.FromSeconds(TokenClient.ReadNumber(asked, "interval", DefaultInterval));
        var end = time.GetUtcNow().AddSeconds(TokenClient.ReadNumber(asked, "expires_in", DefaultLifetime));
        CommandFault? failure = null;
        while (time.GetUtcNow() < end)
        {
            try
            {
                var (status, answer) = await client.PostAsync(endpoint, form, cancellationToken);
                if (TokenClient.ReadLogin(answer, endpoint, form["client_id"], scope, time.GetUtcNow()) is { } login)
                {
                    return login;
                }

                failure = null;
                interval += LongerBy(status, answer);
            }
            catch (CommandFault fault) when (fault.Code == ExitCodes.Unreachable && (fault.Status == 0 || TokenClient.IsTemporary(fault.Status)))
            {
                // The user may confirm the code during an outage of the issuer, so the login continues until the code expires.
                failure = fault;
                interval += SlowDown;
            }

            await Task.Delay(interval, time, cancellationToken);
        }

        throw failure is null
            ? new CommandFault(ExitCodes.Refused, "The code was not confirmed in time. Run mlevents login again.")
            : new CommandFault(ExitCodes.Unreachable, $"The code expired. Run mlevents login again. The last request to the issuer failed: {failure.Message}", failure);
    }

    // RFC 8628, section 3.5: the client asks less often after slow_down. It does the same after a temporary failure.
    private static TimeSpan LongerBy(int status, JsonElement answer) => OperatorJson.Text(answer, "error") switch
    {
        "authorization_pending" => TimeSpan.Zero,
        "slow_down" => SlowDown,
        _ when TokenClient.IsTemporary(status) => SlowDown,
        _ => throw Refused(status, answer),
    };

    private static CommandFault Refused(int status, JsonElement answer) =>
        new(ExitCodes.Refused, $"The issuer answered {status}: {OperatorJson.Text(answer, "error")} {OperatorJson.Text(answer, "error_description")}".TrimEnd());
}
