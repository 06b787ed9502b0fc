using System.CommandLine;

using MLEvents.Cli.Login;

namespace MLEvents.Cli.Operating;

/// <summary>The options of every command that calls a service: the address, the token and the form of the answer.</summary>
internal sealed class OperatorOptions
{
    /// <summary>The environment variable that contains the token.</summary>
    public const string TokenVariable = "MLEVENTS_TOKEN";

    // The services of the local host accept this token. Outside Development, no service accepts it.
    private const string LocalToken = "local-development-key";

    private readonly IReadOnlyList<Uri> _local;
    private readonly Option<bool> _insecure = PlainHttp.CreateOption();

    /// <param name="local">The services of the local host, which are called if no address is set.</param>
    public OperatorOptions(params IReadOnlyList<Uri> local)
    {
        _local = local;
        Url = new("--url") { Description = $"The service's address. Default: {string.Join(", ", local)}" };
        Url.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !(Uri.TryCreate(token.Value, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
            {
                result.AddError($"--url must be an absolute http or https address, not '{token.Value}'.");
            }
        });
    }

    /// <summary>Creates the options for a service with a known address. The token and the other options come from <paramref name="other"/>.</summary>
    /// <param name="other">The options on the command line.</param>
    /// <param name="service">The service.</param>
    public OperatorOptions(OperatorOptions other, Uri service)
    {
        (_local, Url, Token, Json, _insecure) = ([service], new("--url"), other.Token, other.Json, other._insecure);
    }

    public Option<string?> Url { get; }

    public Option<string?> Token { get; init; } = new("--token") { Description = $"The service's Operations:Token. Default: the environment variable {TokenVariable}, the token of mlevents login, or on this machine the token of the local host." };

    public Option<bool> Json { get; init; } = new("--json") { Description = "Print the answer as JSON." };

    /// <summary>Adds the options to a command.</summary>
    public void AddTo(Command command)
    {
        command.Options.Add(Url);
        command.Options.Add(Token);
        command.Options.Add(Json);
        command.Options.Add(_insecure);
    }

    /// <summary>Creates the clients of the services to call.</summary>
    /// <exception cref="CommandFault">The token would be sent over plain http to another machine.</exception>
    public List<OperatorClient> Clients(ParseResult parsed)
    {
        var services = parsed.GetValue(Url) is { } url ? [new Uri(url)] : _local;
        var token = parsed.GetValue(Token) ?? Environment.GetEnvironmentVariable(TokenVariable);
        foreach (var service in services)
        {
            PlainHttp.Check(service, token is { Length: > 0 } || LoginCache.Exists ? "the token" : null, parsed.GetValue(_insecure));
        }

        return [.. services.Select(service => new OperatorClient(service, cancellationToken => FindTokenAsync(token, service, cancellationToken)))];
    }

    private static async Task<string?> FindTokenAsync(string? given, Uri service, CancellationToken cancellationToken) =>
        given is { Length: > 0 } ? given
        : await new LoginTokens(TimeProvider.System).FindAsync(cancellationToken) ?? (service.IsLoopback ? LocalToken : null);
}
