namespace MLEvents.Dashboard.Access;

/// <summary>The settings that all cookies of the dashboard have.</summary>
internal static class HardenedCookie
{
    // Browsers accept a cookie of this name only over https, for this host and for all paths, so that no other host can plant it.
    private const string HostPrefix = "__Host-";

    /// <summary>Sets name, visibility and transport.</summary>
    /// <remarks>Lax, not strict: a link in a mail leads to a page of a user who is signed in. Every change is a POST with an antiforgery token.</remarks>
    public static void Apply(CookieBuilder cookie, string name, DashboardOptions options)
    {
        cookie.Name = options.IsSecure ? HostPrefix + name : name;
        cookie.HttpOnly = true;
        cookie.Path = "/";
        cookie.SameSite = SameSiteMode.Lax;
        cookie.SecurePolicy = options.IsSecure ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
    }
}
