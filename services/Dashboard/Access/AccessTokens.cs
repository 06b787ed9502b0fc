using System.Security.Claims;

using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.ServiceDefaults;
using MLEvents.ServiceDefaults.Tokens;

namespace MLEvents.Dashboard.Access;

/// <summary>Validates access tokens as the services do, and reads the users from them.</summary>
internal sealed class AccessTokens(TokenValidator tokens, IOptions<OperationsOptions> operations)
{
    /// <summary>Reads the user of a token.</summary>
    /// <returns>The user with name and roles, or null and the reason why the token is not accepted.</returns>
    public async Task<(ClaimsIdentity? User, string Reason)> ReadAsync(string token, CancellationToken cancellationToken)
    {
        var settings = operations.Value.OpenIdConnect;
        if (TokenIssuer.From(settings) is not { } issuer)
        {
            return (null, "Operations:OpenIdConnect names no issuer.");
        }

        var result = await tokens.ValidateAsync(token, issuer, settings.Audiences, settings.ClockSkew, cancellationToken);
        if (result.Identity is not { } claims)
        {
            return (null, $"The services would not accept the access token: {result.Reason} Check Operations:OpenIdConnect:Scope and Audiences.");
        }

        var user = OperatorIdentity.From(claims, settings.RoleClaim);
        return user.HasClaim(claim => claim.Type == ClaimTypes.Role) ? (user, "") : (null, $"{user.Name} has none of the roles {string.Join(", ", OperatorRoles.All)}.");
    }
}
