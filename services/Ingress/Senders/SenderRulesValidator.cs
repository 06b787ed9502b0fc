using Microsoft.Extensions.Options;

namespace MLEvents.Ingress.Senders;

/// <summary>Checks rules that annotations cannot express: which keys and tokens are allowed in an environment, and the workspaces.</summary>
internal sealed class SenderRulesValidator(IHostEnvironment environment, IConfiguration configuration) : IValidateOptions<IngressOptions>
{
    private const int MinKeyLength = 16;
    private const int MaxKeys = 2;

    public ValidateOptionsResult Validate(string? name, IngressOptions options)
    {
        string[] failures =
        [
            .. CheckStructure(options),
            .. KeysByPath(options).SelectMany(pair => CheckKeys(pair.Path, pair.Keys)),
            .. CheckUniqueKeys(options),
            .. CheckTokens(options),
            .. WorkspacesByPath(options).SelectMany(pair => CheckWorkspaces(pair.Path, pair.Workspaces)),
        ];
        return failures.Length == 0 ? ValidateOptionsResult.Success : ValidateOptionsResult.Fail(failures);
    }

    private static bool TakesKeys(IngressOptions options) => options.Authentication != WebhookAuthentication.Token;

    private static bool NeedsKeys(IngressOptions options) => options.Authentication is WebhookAuthentication.Key or WebhookAuthentication.KeyAndToken;

    private static bool NeedsTokens(IngressOptions options) => options.Authentication is WebhookAuthentication.Token or WebhookAuthentication.KeyAndToken;

    private static IEnumerable<(string Path, IList<string> Keys)> KeysByPath(IngressOptions options) =>
        [("Ingress:Keys", options.Keys), .. options.Senders.Select(sender => ($"Ingress:Senders:{sender.Key}:Keys", sender.Value.Keys))];

    private static IEnumerable<(string Path, IList<string> Workspaces)> WorkspacesByPath(IngressOptions options) =>
        [("Ingress:Workspaces", options.Workspaces), .. options.Senders.Select(sender => ($"Ingress:Senders:{sender.Key}:Workspaces", sender.Value.Workspaces))];

    private IEnumerable<string> CheckStructure(IngressOptions options)
    {
        if (options.Senders.Count > 0 && options.Keys.Count > 0)
        {
            yield return "Ingress:Keys and Ingress:Senders are both set; move the keys to Ingress:Senders:NAME:Keys.";
        }

        if (options.Senders.Count == 0 && NeedsKeys(options) && options.Keys.Count == 0 && !environment.IsDevelopment())
        {
            yield return "Ingress:Keys is empty; set Ingress__Keys__0 to the key that the event subscription's URL carries as ?code=.";
        }

        if (!TakesKeys(options) && KeysByPath(options).Any(pair => pair.Keys.Count > 0))
        {
            yield return "Ingress:Authentication is Token, so the webhook keys are never used; remove them, or set KeyOrToken or KeyAndToken.";
        }

        foreach (var (name, _) in options.Senders.Where(sender => NeedsKeys(options) && sender.Value.Keys.Count == 0))
        {
            yield return $"Ingress:Senders:{name}:Keys is empty, but Ingress:Authentication is {options.Authentication}.";
        }
    }

    private IEnumerable<string> CheckKeys(string path, IList<string> keys)
    {
        if (keys.Count > MaxKeys)
        {
            yield return $"{path} holds more than two keys; keep the current key and the one that replaces it.";
        }

        if (keys.Any(key => key is not { Length: >= MinKeyLength }))
        {
            yield return $"{path} holds a key shorter than {MinKeyLength} characters; create one with: openssl rand -hex 32";
        }

        if (!environment.IsDevelopment() && configuration["Operations:Token"] is { Length: > 0 } token && keys.Contains(token))
        {
            yield return $"{path} holds the value of Operations:Token, so every sender with this key could also replay messages and retry actions; set another key: openssl rand -hex 32";
        }

        if (!environment.IsDevelopment() && keys.Contains(IngressOptions.LocalKey))
        {
            yield return $"{path} holds '{IngressOptions.LocalKey}', which works in Development only; set a key of your own.";
        }
    }

    private static IEnumerable<string> CheckUniqueKeys(IngressOptions options) => options.Senders
        .SelectMany(sender => sender.Value.Keys.Select(key => (sender.Key, Value: key)))
        .GroupBy(pair => pair.Value, pair => pair.Key)
        .Select(names => names.Distinct().ToList())
        .Where(names => names.Count > 1)
        .Select(names => $"Ingress:Senders: {string.Join(" and ", names.Select(name => $"'{name}'"))} have the same key; each sender needs a key of its own.");

    private static IEnumerable<string> CheckTokens(IngressOptions options)
    {
        if (options.Authentication == WebhookAuthentication.Key)
        {
            return [];
        }

        var senders = SenderDirectory.Create(options, isDevelopment: false);
        return options.Token.FindErrors("Ingress:Token", requireAudience: options.Senders.Count == 0)
            .Concat(options.Senders.SelectMany(sender => sender.Value.Token.FindErrors($"Ingress:Senders:{sender.Key}:Token", requireAudience: options.Token.Audiences.Count == 0)))
            .Concat(senders.SelectMany(sender => CheckToken(options, sender)))
            .Concat(options.Authentication == WebhookAuthentication.KeyAndToken ? [] : FindOverlaps(senders));
    }

    private static IEnumerable<string> CheckToken(IngressOptions options, Sender sender)
    {
        var path = options.Senders.Count == 0 ? "Ingress:Token" : $"Ingress:Senders:{sender.Name}:Token";
        if (sender.Token is not { } rule)
        {
            return NeedsTokens(options) || options.Senders.Count == 0
                ? [$"{path} has no issuer, but Ingress:Authentication is {options.Authentication}; set {path}:TenantId to the tenant of the event subscription, or {path}:Issuer."]
                : [];
        }

        return rule.ApplicationIds.Count == 0 ? [$"{path}:ApplicationIds is empty; set it to the id of the application that sends, because the id of Event Grid in this cloud is not known."]
            : rule.Audiences.Count == 0 ? [$"{path}:Audiences is empty; set it to the application id of the webhook."]
            : [];
    }

    private static IEnumerable<string> FindOverlaps(IReadOnlyList<Sender> senders) =>
        from first in senders
        from second in senders
        where string.CompareOrdinal(first.Name, second.Name) < 0 && first.Token is not null && second.Token is not null && first.Token.Overlaps(second.Token)
        select $"Ingress:Senders: '{first.Name}' and '{second.Name}' accept the same tokens; give them different tenants, audiences or ApplicationIds.";

    private static IEnumerable<string> CheckWorkspaces(string path, IEnumerable<string> workspaces) => workspaces
        .Where(text => WorkspacePattern.Parse(text) is null)
        .Select(text => $"{path} holds '{text}', which is not the ARM id of a workspace; an example is /subscriptions/ID/resourceGroups/ml-*/providers/Microsoft.MachineLearningServices/workspaces/*");
}
