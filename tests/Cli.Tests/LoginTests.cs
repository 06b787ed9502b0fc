using System.Diagnostics;
using System.Text.Json;

using Microsoft.Extensions.Time.Testing;

using MLEvents.Cli.Login;
using MLEvents.Events;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services.Identity;

using static OpenIddict.Abstractions.OpenIddictConstants;

namespace MLEvents.Cli.Tests;

/// <summary><c>mlevents login</c> as a process, with a real OpenID provider.</summary>
public sealed class LoginTests : IDisposable
{
    private const string ClientId = "cli";

    private readonly TempFolder _folder = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string LoginFile => Path.Combine(_folder.Path, "login", "login.json");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_login_by_device_code_is_stored_for_its_owner_and_sent_to_the_services()
    {
        await using var provider = await StartAsync();
        await using var service = (await FakeService.StartAsync(Token)).Answers("GET /actions?&limit=50", """{"items":[],"continuation":null}""");

        var login = await LogInAsync(provider);
        var list = await RunAsync("actions", "list", "--url", service.Url);
        var given = await RunAsync("actions", "list", "--url", service.Url, "--token", "a-token-of-the-command");

        Assert.Equal((0, 0, 0), (login.Code, list.Code, given.Code));
        Assert.StartsWith("logged in until", login.Output, StringComparison.Ordinal);
        Assert.Equal(2, service.Authorizations.Count());
        Assert.StartsWith("Bearer eyJ", service.Authorizations.First(), StringComparison.Ordinal);
        Assert.Equal("Bearer a-token-of-the-command", service.Authorizations.Last());
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(LoginFile));
        }
    }

    [Fact]
    public async Task An_expired_login_is_renewed()
    {
        await using var provider = await StartAsync();
        await using var service = (await FakeService.StartAsync(Token)).Answers("GET /actions?&limit=50", """{"items":[],"continuation":null}""");
        await LogInAsync(provider);
        var stored = await File.ReadAllTextAsync(LoginFile, Token);
        await File.WriteAllTextAsync(LoginFile, System.Text.RegularExpressions.Regex.Replace(stored, "\"expiresAt\":\"[^\"]+\"", "\"expiresAt\":\"2020-01-01T00:00:00+00:00\""), Token);

        var renewed = await RunAsync("actions", "list", "--url", service.Url);
        provider.IsReachable = false;
        var cached = await RunAsync("actions", "list", "--url", service.Url);

        Assert.Equal((0, 0), (renewed.Code, cached.Code));
        Assert.NotEqual(stored, await File.ReadAllTextAsync(LoginFile, Token));
        Assert.Equal(2, service.Authorizations.Count(authorization => authorization.StartsWith("Bearer eyJ", StringComparison.Ordinal)));
    }

    [Theory]
    [InlineData(400, 1, "The login has expired (no_renewal). Run mlevents login again.")]
    [InlineData(429, 3, "the issuer answered the request for a new token with 429 (no_renewal). Repeat the command later.")]
    [InlineData(503, 3, "the issuer answered the request for a new token with 503 (no_renewal). Repeat the command later.")]
    public async Task A_refused_renewal_needs_a_new_login_and_a_temporary_failure_does_not(int status, int code, string expected)
    {
        await using var issuer = (await FakeService.StartAsync(Token)).Answers("POST /token", """{"error":"no_renewal"}""", status);
        _folder.Write("login/login.json", $$"""{"source":"device","scope":"s","accessToken":"a","expiresAt":"2020-01-01T00:00:00+00:00","tokenEndpoint":"{{issuer.Url}}token","clientId":"cli","refreshToken":"r"}""");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(LoginFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        var list = await RunAsync("actions", "list", "--url", "http://127.0.0.1:1");

        Assert.Equal(code, list.Code);
        Assert.Contains(expected, list.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(503, """{"error":"temporarily_unavailable"}""")]
    [InlineData(502, "<html>Bad gateway</html>")]
    [InlineData(0, "")]
    public async Task A_login_by_device_code_continues_after_temporary_failures_of_the_issuer(int status, string body)
    {
        await using var issuer = await FakeService.StartAsync(Token);
        issuer.Answers("GET /.well-known/openid-configuration", $$"""{"device_authorization_endpoint":"{{issuer.Url}}device","token_endpoint":"{{issuer.Url}}token"}""")
            .Answers("POST /device", """{"device_code":"d","user_code":"u","verification_uri":"https://idp.example.org","interval":1,"expires_in":1000000}""")
            .Answers("POST /token", body, status);
        var time = new FakeTimeProvider();
        using var client = new TokenClient();
        await using var output = new StringWriter();

        var login = new DeviceLogin(client, new Terminal(output, output), time).RunAsync(new Uri(issuer.Url), ClientId, "s", Token);
        await UntilAsync(() => login.IsCompleted || issuer.Asked.Count(request => request == "POST /token") >= 2);
        issuer.Answers("POST /token", """{"access_token":"a","expires_in":3600}""");
        await UntilAsync(() => login.IsCompleted);

        Assert.Equal("a", (await login).AccessToken);

        Task UntilAsync(Func<bool> holds) => Poll.UntilAsync(
            () =>
            {
                time.Advance(TimeSpan.FromSeconds(1));
                return holds();
            },
            Token);
    }

    [Fact]
    public async Task A_login_by_device_code_ends_if_the_issuer_refuses_it()
    {
        await using var issuer = await FakeService.StartAsync(Token);
        issuer.Answers("GET /.well-known/openid-configuration", $$"""{"device_authorization_endpoint":"{{issuer.Url}}device","token_endpoint":"{{issuer.Url}}token"}""")
            .Answers("POST /device", """{"device_code":"d","user_code":"u","verification_uri":"https://idp.example.org"}""")
            .Answers("POST /token", """{"error":"access_denied"}""", 400);

        var login = await RunAsync("login", "--issuer", issuer.Url, "--client-id", ClientId, "--scope", "s");

        Assert.Equal(1, login.Code);
        Assert.Contains("The issuer answered 400: access_denied", login.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_login_file_that_others_can_read_is_refused_and_logout_deletes_it()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        _folder.Write("login/login.json", "{}");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(LoginFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead);
        }

        var refused = await RunAsync("actions", "list", "--url", "http://127.0.0.1:1");
        var logout = await RunAsync("logout");

        Assert.Equal(2, refused.Code);
        Assert.Contains($"Other users can read or write {LoginFile}, which contains a token.", refused.Error, StringComparison.Ordinal);
        Assert.Equal(0, logout.Code);
        Assert.False(File.Exists(LoginFile));
    }

    [Theory]
    [InlineData("null")]
    [InlineData("{")]
    public async Task A_file_without_a_valid_login_is_refused(string content)
    {
        _folder.Write("login/login.json", content);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(LoginFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        var refused = await RunAsync("actions", "list", "--url", "http://127.0.0.1:1");

        Assert.Equal(2, refused.Code);
        Assert.Contains($"{LoginFile} does not contain a valid login. Run: mlevents login", refused.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_logout_without_a_login_succeeds()
    {
        var logout = await RunAsync("logout");

        Assert.Equal((0, ""), (logout.Code, logout.Error));
        Assert.False(Directory.Exists(Path.GetDirectoryName(LoginFile)));
    }

    [Fact]
    public async Task The_token_of_the_Azure_CLI_is_used_and_is_requested_again_when_it_has_expired()
    {
        await using var service = (await FakeService.StartAsync(Token)).Answers("GET /actions?&limit=50", """{"items":[],"continuation":null}""");
        WriteAz("1577836800");

        var login = await RunAsync("login", "--az", "--scope", "api://mlevents/.default");
        var list = await RunAsync("actions", "list", "--url", service.Url);

        Assert.Equal((0, 0), (login.Code, list.Code));
        Assert.Equal(["Bearer token-of-az"], service.Authorizations);
        Assert.Equal(
            ["account get-access-token --scope api://mlevents/.default --output json", "account get-access-token --scope api://mlevents/.default --output json"],
            await File.ReadAllLinesAsync(Path.Combine(_folder.Path, "asked"), Token));
    }

    [Theory]
    [InlineData("9223372036854775807")]
    [InlineData("-1")]
    [InlineData("[]")]
    public async Task An_invalid_expiry_time_of_the_Azure_CLI_is_reported(string expiresOn)
    {
        WriteAz(expiresOn);

        var login = await RunAsync("login", "--az", "--scope", "api://mlevents/.default");

        Assert.Equal((1, ""), (login.Code, login.Output));
        Assert.Equal("az account get-access-token returned no valid 'accessToken' and 'expires_on'. Update the Azure CLI, or log in with --issuer and --client-id.", login.Error.Trim());
    }

    [Theory]
    [InlineData("3600", 3600)]
    [InlineData("\"3600\"", 3600)]
    [InlineData("\"soon\"", 0)]
    [InlineData("99999999999", 0)]
    public void The_lifetime_of_a_token_is_a_number_or_a_string_with_a_number_and_any_other_value_counts_as_0(string expiresIn, int seconds)
    {
        var answer = JsonElement.Parse($$"""{ "access_token": "a", "expires_in": {{expiresIn}} }""");

        var login = TokenClient.ReadLogin(answer, new Uri("https://idp.example.org/token"), ClientId, "s", DateTimeOffset.UnixEpoch);

        Assert.Equal(DateTimeOffset.UnixEpoch.AddSeconds(seconds), login?.ExpiresAt);
    }

    [Fact]
    public async Task A_login_is_not_sent_over_plain_http_to_another_machine()
    {
        _folder.Write("login/login.json", """{"source":"device","scope":"s","accessToken":"a","expiresAt":"2999-01-01T00:00:00+00:00"}""");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(LoginFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        var refused = await RunAsync("actions", "list", "--url", "http://retrainer.example.org");

        Assert.Equal(2, refused.Code);
        Assert.Contains("not encrypted", refused.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://idp.example.org", "must be an https address")]
    [InlineData("http://127.0.0.1:1", "could not be reached")]
    public async Task An_issuer_that_cannot_be_trusted_or_reached_is_reported(string issuer, string expected)
    {
        var login = await RunAsync("login", "--issuer", issuer, "--client-id", ClientId, "--scope", "s");

        Assert.NotEqual(0, login.Code);
        Assert.Contains(expected, login.Error, StringComparison.Ordinal);
    }

    private static async Task<OpenIdProvider> StartAsync()
    {
        var provider = await OpenIdProvider.StartAsync(Token);
        provider.User = new ProviderUser("alice@example.com", [OperatorRoles.Operator]);
        await provider.AddApplicationAsync(
            new()
            {
                ClientId = ClientId,
                ClientType = ClientTypes.Public,
                Permissions =
                {
                    Permissions.Endpoints.DeviceAuthorization, Permissions.Endpoints.Token, Permissions.GrantTypes.DeviceCode, Permissions.GrantTypes.RefreshToken,
                    Permissions.Prefixes.Scope + OpenIdProvider.Scope,
                },
            },
            Token);
        return provider;
    }

    // Confirms the code as soon as the command shows it, as a user does in a browser.
    private async Task<CliRun> LogInAsync(OpenIdProvider provider)
    {
        using var process = Launch("login", "--issuer", provider.Issuer.ToString(), "--client-id", ClientId, "--scope", OpenIdProvider.Scope);
        var shown = await process.StandardError.ReadLineAsync(Token) ?? "";
        var code = shown.Split("the code ")[^1].TrimEnd('.');
        using var browser = new HttpClient { BaseAddress = provider.Issuer };
        using var confirmed = await browser.GetAsync(new Uri($"connect/verify?user_code={Uri.EscapeDataString(code)}", UriKind.Relative), Token);
        Assert.True(confirmed.IsSuccessStatusCode, $"{shown} {await confirmed.Content.ReadAsStringAsync(Token)}");
        return await EndAsync(process);
    }

    private void WriteAz(string expiresOn)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The stand-in for az is a shell script.");
        var az = _folder.Write("az", $"#!/bin/sh\necho \"$@\" >> \"$(dirname \"$0\")/asked\"\necho '{{\"accessToken\":\"token-of-az\",\"expires_on\":{expiresOn}}}'\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(az, UnixFileMode.UserRead | UnixFileMode.UserExecute);
        }
    }

    private async Task<CliRun> RunAsync(params string[] arguments)
    {
        using var process = Launch(arguments);
        return await EndAsync(process);
    }

    private Process Launch(params string[] arguments)
    {
        var start = new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [typeof(MlEventsCommand).Assembly.Location, .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["MLEVENTS_LOGIN_FILE"] = LoginFile;
        start.Environment["PATH"] = $"{_folder.Path}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment.Remove("MLEVENTS_TOKEN");
        return Process.Start(start) ?? throw new InvalidOperationException("mlevents did not start.");
    }

    private static async Task<CliRun> EndAsync(Process process)
    {
        var error = process.StandardError.ReadToEndAsync(Token);
        var output = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        return new CliRun(process.ExitCode, output, await error);
    }
}
