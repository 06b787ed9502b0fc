using System.Threading.RateLimiting;

using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.DataProtection;
using Microsoft.AspNetCore.DataProtection.KeyManagement;
using Microsoft.Extensions.Options;

namespace MLEvents.Dashboard.Access;

/// <summary>Registers sign-in, cookies and antiforgery.</summary>
internal static class AccessServiceCollectionExtensions
{
    /// <summary>The rate limit of sign-in attempts.</summary>
    public const string SignInLimit = "sign-in";

    private const int AttemptsPerMinute = 10;

    public static void AddAccess(this IServiceCollection services)
    {
        services.AddSingleton<SignIn>();
        services.AddSingleton<ProtectionKeyStore>();
        services.AddDataProtection().SetApplicationName("mlevents-dashboard");
        services.AddOptions<KeyManagementOptions>().Configure<ProtectionKeyStore>((keys, store) => keys.XmlRepository = store);
        services.AddAntiforgery(antiforgery =>
        {
            Harden(antiforgery.Cookie, "mlevents-antiforgery");
            antiforgery.Cookie.SameSite = SameSiteMode.Strict;
        });
        services.AddAuthentication(CookieAuthenticationDefaults.AuthenticationScheme).AddCookie();
        services.AddOptions<CookieAuthenticationOptions>(CookieAuthenticationDefaults.AuthenticationScheme).Configure<IOptions<DashboardOptions>>((cookies, dashboard) =>
        {
            Harden(cookies.Cookie, "mlevents-dashboard");
            cookies.LoginPath = SignIn.Path;
            cookies.ReturnUrlParameter = "returnUrl";
            cookies.ExpireTimeSpan = dashboard.Value.SignInLifetime;
            cookies.SlidingExpiration = true;
        });
        services.AddAuthorization();
        services.AddRateLimiter(limits =>
        {
            limits.RejectionStatusCode = StatusCodes.Status429TooManyRequests;
            limits.AddPolicy(SignInLimit, context => RateLimitPartition.GetFixedWindowLimiter(
                context.Connection.RemoteIpAddress?.ToString() ?? "", _ => new() { PermitLimit = AttemptsPerMinute, Window = TimeSpan.FromMinutes(1) }));
        });
    }

    /// <summary>
    /// Leaves out what reads the keys before the service listens: the database may not be migrated or reachable yet. Keys are read when first used. Call it last,
    /// because several registrations add it.
    /// </summary>
    public static void WithoutEarlyKeys(this IServiceCollection services)
    {
        foreach (var loader in services.Where(service => service.ImplementationType?.Name == "DataProtectionHostedService").ToList())
        {
            services.Remove(loader);
        }
    }

    // Lax, not strict: a link in a mail leads to a page of a user who is signed in. Every change is a POST with an antiforgery token.
    private static void Harden(CookieBuilder cookie, string name)
    {
        cookie.Name = name;
        cookie.HttpOnly = true;
        cookie.SameSite = SameSiteMode.Lax;
        cookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
    }
}
