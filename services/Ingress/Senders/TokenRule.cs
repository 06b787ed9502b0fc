using System.Security.Claims;

using MLEvents.Events;
using MLEvents.ServiceDefaults.Tokens;

namespace MLEvents.Ingress.Senders;

/// <summary>Decides which valid tokens belong to a sender.</summary>
internal sealed record TokenRule(TokenIssuer Issuer, IReadOnlyList<string> Audiences, IReadOnlyList<string> ApplicationIds, string Role)
{
    // The claim that names the application: 'azp' in Entra ID's tokens of version 2, 'appid' in its tokens of version 1, 'client_id' in tokens of other issuers.
    private static readonly string[] ApplicationClaims = ["azp", "appid", "client_id"];

    /// <summary>The rule of a sender; null if no issuer is set.</summary>
    /// <param name="own">The settings of the sender.</param>
    /// <param name="shared">The settings that replace missing settings of the sender.</param>
    public static TokenRule? From(SenderTokenOptions own, SenderTokenOptions shared)
    {
        if (TokenIssuer.From(own.HasIssuer ? own : shared) is not { } issuer)
        {
            return null;
        }

        var cloud = EntraCloud.Find(own.HasIssuer ? own.Cloud : shared.Cloud);
        return new(
            issuer,
            [.. own.Audiences.Count > 0 ? own.Audiences : shared.Audiences],
            [.. own.ApplicationIds.Count > 0 ? own.ApplicationIds : shared.ApplicationIds.Count > 0 ? shared.ApplicationIds : cloud?.EventGrid is { } eventGrid ? [eventGrid] : []],
            own.Role ?? shared.Role ?? SenderTokenOptions.EventGridRole);
    }

    /// <summary>Whether a token could match both rules.</summary>
    public bool Overlaps(TokenRule other) =>
        Issuer.Names.Intersect(other.Issuer.Names).Any() && Audiences.Intersect(other.Audiences).Any()
        && ApplicationIds.Intersect(other.ApplicationIds, StringComparer.OrdinalIgnoreCase).Any();

    /// <summary>The reason why a valid token does not belong to the sender; null if it does.</summary>
    public string? FindRefusal(ClaimsIdentity token)
    {
        var application = ApplicationClaims.Select(name => token.FindFirst(name)?.Value).FirstOrDefault(value => value is not null);
        return !token.FindAll("aud").Any(audience => Audiences.Contains(audience.Value)) ? "Its audience is not an audience of the sender."
            : application is null || !ApplicationIds.Contains(application, StringComparer.OrdinalIgnoreCase) ? $"Its application '{DisplayText.Shorten(application)}' is not allowed; see ApplicationIds."
            : Role.Length > 0 && !token.FindAll("roles").Any(role => role.Value == Role) ? $"It does not have the role '{Role}'; assign it to the application '{DisplayText.Shorten(application)}'."
            : null;
    }
}
