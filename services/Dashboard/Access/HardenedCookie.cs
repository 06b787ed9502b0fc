namespace MLEvents.Dashboard.Access;

/// <summary>The security settings of all cookies of the dashboard.</summary>
internal static class HardenedCookie
{
    // Browsers accept a cookie with this prefix only over https, for this host and for all paths. No other host can set it.
    private const string HostPrefix = "__Host-";

    /// <summary>Sets the name and the security attributes of a cookie.</summary>
    /// <remarks>SameSite is Lax and not Strict, so that a link in an e-mail opens a page for a user who is signed in. Every change is a POST with an antiforgery token.</remarks>
    public static void Apply(CookieBuilder cookie, string name, DashboardOptions options)
    {
        cookie.Name = options.IsSecure ? HostPrefix + name : name;
        cookie.HttpOnly = true;
        cookie.Path = "/";
        cookie.SameSite = SameSiteMode.Lax;
        cookie.SecurePolicy = options.IsSecure ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
    }
}
