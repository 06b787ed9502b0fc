using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.ServiceDefaults.Tokens;

namespace MLEvents.Ingress.Senders;

/// <summary>Finds the sender of a request by its key, its token or both.</summary>
internal sealed class SenderAuthentication(SenderDirectory directory, TokenValidator tokens, IOptionsMonitor<IngressOptions> options)
{
    /// <summary>The header that carries a webhook key.</summary>
    public const string Header = "x-webhook-key";

    /// <summary>The query parameter that carries a webhook key.</summary>
    public const string Query = "code";

    private const string Bearer = "Bearer ";

    // Node sends Sec-Fetch-Mode too, so that header does not identify a browser.
    private static readonly string[] BrowserHeaders = ["Origin", "Sec-Fetch-Site"];
    private static readonly Sender Handshake = new("handshake", [], token: null, []);

    /// <summary>Finds the sender.</summary>
    public ValueTask<SenderResult> FindAsync(HttpRequest request)
    {
        var settings = options.CurrentValue;
        var (key, token) = (FindKey(request), FindToken(request));
        if (key == IngressOptions.LocalKey && BrowserHeaders.Any(request.Headers.ContainsKey))
        {
            // Every web page can contain this key.
            return new(SenderResult.Refuse(StatusCodes.Status403Forbidden, "The local key is not accepted from a web page.", "Set a key of your own in Ingress:Keys:0.", "the local key of a web page"));
        }

        var byKey = key is null ? null : directory.Senders.FirstOrDefault(sender => sender.HasKey(key));
        return settings.Authentication switch
        {
            WebhookAuthentication.Key => new(byKey is null ? RefuseKey(key) : SenderResult.Accept(byKey)),
            WebhookAuthentication.KeyOrToken when byKey is not null => new(SenderResult.Accept(byKey)),
            WebhookAuthentication.KeyOrToken when token is null => new(RefuseKey(key)),
            WebhookAuthentication.KeyAndToken when byKey is null => new(RefuseKey(key)),
            WebhookAuthentication.KeyAndToken => FindAsync(request, token, [byKey], byKey),
            _ => FindAsync(request, token, directory.Senders, Handshake),
        };
    }

    private ValueTask<SenderResult> FindAsync(HttpRequest request, string? token, IReadOnlyList<Sender> candidates, Sender handshake) => token switch
    {
        // The CloudEvents handshake asks whether an origin may send. No document says that Event Grid sends a token with this request. Each delivery needs a token.
        null when HttpMethods.IsOptions(request.Method) => new(SenderResult.Accept(handshake)),
        null => new(SenderResult.Refuse(StatusCodes.Status401Unauthorized, "The token is missing.", "Send a token of the issuer that the ingress trusts as 'Authorization: Bearer …'.", "no token")),
        _ => FindAsync(token, candidates, request.HttpContext.RequestAborted),
    };

    private async ValueTask<SenderResult> FindAsync(string token, IReadOnlyList<Sender> candidates, CancellationToken cancellationToken)
    {
        var named = tokens.ReadIssuer(token);
        var trusting = candidates.Where(sender => sender.Token is { } rule && named is not null && rule.Issuer.IsNamed(named)).ToList();
        if (trusting is not [{ Token: { Issuer: var issuer } }, ..])
        {
            return RefuseToken(named is null ? "It is not a JSON Web Token." : $"Its issuer '{DisplayText.Shorten(named)}' is not trusted.");
        }

        var result = await tokens.ValidateAsync(token, issuer, trusting.SelectMany(sender => sender.Token?.Audiences ?? []), options.CurrentValue.Token.ClockSkew, cancellationToken);
        if (result.Identity is not { } claims)
        {
            return result.IsUndecided ? SenderResult.Undecided(result.Reason) : RefuseToken(result.Reason ?? "It is not valid.");
        }

        return trusting.FirstOrDefault(sender => sender.Token?.FindRefusal(claims) is null) is { } found
            ? SenderResult.Accept(found)
            : Forbid(trusting.Select(sender => sender.Token?.FindRefusal(claims)).FirstOrDefault(reason => reason is not null) ?? "No sender of Ingress:Senders has this token.");
    }

    private SenderResult RefuseKey(string? given)
    {
        var either = options.CurrentValue.Authentication == WebhookAuthentication.KeyOrToken ? ", or a token as 'Authorization: Bearer …'" : "";
        return SenderResult.Refuse(
            StatusCodes.Status401Unauthorized,
            given is null ? "The webhook key is missing." : "The webhook key is wrong.",
            $"Pass the key as the query parameter '{Query}' or in the header '{Header}'{either}.",
            given is null ? "no key" : "a wrong key");
    }

    private static SenderResult RefuseToken(string reason) => SenderResult.Refuse(StatusCodes.Status401Unauthorized, "The token is not valid.", reason, $"a token that is not valid ({reason})");

    private static SenderResult Forbid(string reason) => SenderResult.Refuse(StatusCodes.Status403Forbidden, "The token does not belong to a sender.", reason, $"a token that does not belong to a sender ({reason})");

    private static string? FindKey(HttpRequest request) => request.Headers[Header].FirstOrDefault() ?? request.Query[Query].FirstOrDefault();

    private static string? FindToken(HttpRequest request) =>
        request.Headers.Authorization.FirstOrDefault() is { } authorization && authorization.StartsWith(Bearer, StringComparison.OrdinalIgnoreCase) ? authorization[Bearer.Length..].Trim() : null;
}

/// <summary>The sender of a request, or the reason why it is refused.</summary>
/// <param name="Sender">The sender; null if the request is refused.</param>
/// <param name="Status">The status code of the refusal.</param>
/// <param name="Title">The error, for the caller.</param>
/// <param name="Detail">The reason or the remedy, for the caller.</param>
/// <param name="Given">A description of the credential in the request, for the log; never a key or a token.</param>
internal sealed record SenderResult(Sender? Sender, int Status, string Title, string Detail, string Given)
{
    public static SenderResult Accept(Sender sender) => new(sender, StatusCodes.Status200OK, "", "", "");

    public static SenderResult Refuse(int status, string title, string detail, string given) => new(null, status, title, detail, given);

    // The answer is 503, because Event Grid never repeats a request that was answered with 401.
    public static SenderResult Undecided(string? reason) => new(
        null, StatusCodes.Status503ServiceUnavailable, "The token cannot be checked now.", "The signing keys of its issuer could not be read. Deliver the request again.", $"a token that cannot be checked now: {reason}");
}
