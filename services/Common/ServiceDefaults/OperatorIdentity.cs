using System.Security.Claims;

using MLEvents.Events;

namespace MLEvents.ServiceDefaults;

/// <summary>Creates identities of operators with a name and roles.</summary>
public static class OperatorIdentity
{
    private const string AuthenticationType = "operator";

    // The name is the first of these claims that the token has. The claims of people come before those of applications.
    private static readonly string[] NameClaims = ["preferred_username", "upn", "email", "unique_name", "name", "azp", "appid", "client_id", "sub"];

    /// <summary>The identity of an operator with the static token: it has every role.</summary>
    public static ClaimsIdentity ForStaticToken() => Create(Intervention.StaticTokenName, OperatorRoles.All);

    /// <summary>The identity that the claims of a valid token describe: a name and roles. All other claims are left out.</summary>
    /// <param name="token">The claims.</param>
    /// <param name="roleClaim">The claim that holds the roles.</param>
    public static ClaimsIdentity From(ClaimsIdentity token, string roleClaim) => Create(
        DisplayText.Shorten(NameClaims.Select(name => token.FindFirst(name)?.Value).FirstOrDefault(value => !string.IsNullOrWhiteSpace(value))),
        token.FindAll(roleClaim).Select(claim => claim.Value).Where(role => OperatorRoles.All.Contains(role)));

    /// <summary>An identity with a name and roles.</summary>
    public static ClaimsIdentity Create(string name, IEnumerable<string> roles) =>
        new([new(ClaimTypes.Name, name), .. roles.Select(role => new Claim(ClaimTypes.Role, role))], AuthenticationType);

    /// <summary>The roles of a user.</summary>
    public static IEnumerable<string> RolesOf(ClaimsPrincipal user) => user.FindAll(ClaimTypes.Role).Select(role => role.Value);
}
