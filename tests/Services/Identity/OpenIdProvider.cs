using System.Security.Cryptography;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

using OpenIddict.Abstractions;
using OpenIddict.Server;

namespace MLEvents.Tests.Services.Identity;

/// <summary>An OpenID Connect provider (OpenIddict) on a free loopback port. It signs in its <see cref="User"/> without a login page.</summary>
public sealed class OpenIdProvider : IAsyncDisposable
{
    /// <summary>The scope for tokens with the audience <see cref="Audience"/>.</summary>
    public const string Scope = "mlevents";

    /// <summary>The audience of the tokens.</summary>
    public const string Audience = "api://mlevents";

    private const int KeyBits = 2048;

    // The in-memory database exists until this connection is closed. Each request has its own connection, because several threads cannot use one connection.
    private readonly SqliteConnection _database = new(
        new SqliteConnectionStringBuilder { DataSource = $"provider-{Guid.NewGuid():N}", Mode = SqliteOpenMode.Memory, Cache = SqliteCacheMode.Shared }.ToString());
    private readonly WebApplication _app;
    private RSA _key = RSA.Create(KeyBits);
    private int _keyNumber = 1;
    private int _keyReads;

    private OpenIdProvider() => _app = Create();

    /// <summary>The issuer.</summary>
    public Uri Issuer => new(_app.Urls.Single() + "/");

    /// <summary>The user who is signed in.</summary>
    public ProviderUser User { get; set; } = new("alice@example.com", ["MLEvents.Reader"]);

    /// <summary>Whether the provider answers requests. If not, it closes connections.</summary>
    public bool IsReachable { get; set; } = true;

    /// <summary>The lifetime of access tokens; null for the default lifetime of OpenIddict, which is 1 h.</summary>
    public TimeSpan? TokenLifetime
    {
        get;
        set
        {
            field = value;
            _app.Services.GetRequiredService<IOptionsMonitorCache<OpenIddictServerOptions>>().Clear();
        }
    }

    /// <summary>The public part of the current signing key, as PEM.</summary>
    public string PublicKey => _key.ExportSubjectPublicKeyInfoPem();

    /// <summary>The id of the current signing key.</summary>
    public string KeyId => $"key-{_keyNumber}";

    /// <summary>The number of requests for the keys.</summary>
    public int KeyReads => _keyReads;

    /// <summary>Starts a provider.</summary>
    public static async Task<OpenIdProvider> StartAsync(CancellationToken cancellationToken)
    {
        var provider = new OpenIdProvider();
        await provider._database.OpenAsync(cancellationToken);
        await using (var scope = provider._app.Services.CreateAsyncScope())
        {
            await scope.ServiceProvider.GetRequiredService<DbContext>().Database.EnsureCreatedAsync(cancellationToken);
        }

        await provider._app.StartAsync(cancellationToken);
        return provider;
    }

    /// <summary>Registers an application.</summary>
    public async Task AddApplicationAsync(OpenIddictApplicationDescriptor application, CancellationToken cancellationToken)
    {
        await using var scope = _app.Services.CreateAsyncScope();
        await scope.ServiceProvider.GetRequiredService<IOpenIddictApplicationManager>().CreateAsync(application, cancellationToken);
    }

    /// <summary>Replaces the signing key. Tokens of the previous key are no longer valid.</summary>
    public void RotateKey()
    {
        _key = RSA.Create(KeyBits);
        _keyNumber++;
        _app.Services.GetRequiredService<IOptionsMonitorCache<OpenIddictServerOptions>>().Clear();
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
        await _database.DisposeAsync();
        _key.Dispose();
    }

    private WebApplication Create()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddDbContext<DbContext>(options => options.UseSqlite(_database.ConnectionString).UseOpenIddict());
        builder.Services.AddOpenIddict().AddCore(core => core.UseEntityFrameworkCore().UseDbContext<DbContext>()).AddServer(Configure);
        builder.Services.AddOptions<OpenIddictServerOptions>().Configure(options =>
        {
            options.SigningCredentials.Add(new SigningCredentials(new RsaSecurityKey(_key) { KeyId = KeyId }, SecurityAlgorithms.RsaSha256));
            options.AccessTokenLifetime = TokenLifetime ?? options.AccessTokenLifetime;
        });
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.Use(GateAsync);
        app.UseAuthentication();
        app.MapProviderEndpoints(() => User);
        return app;
    }

    private static void Configure(OpenIddictServerBuilder server)
    {
        server.SetAuthorizationEndpointUris("connect/authorize").SetTokenEndpointUris("connect/token");
        server.SetDeviceAuthorizationEndpointUris("connect/device").SetEndUserVerificationEndpointUris("connect/verify");
        server.AllowAuthorizationCodeFlow().RequireProofKeyForCodeExchange();
        server.AllowClientCredentialsFlow().AllowDeviceAuthorizationFlow().AllowRefreshTokenFlow();
        server.RegisterScopes("profile", "offline_access", Scope);
        server.DisableAccessTokenEncryption().AddEphemeralEncryptionKey();
        server.UseAspNetCore().EnableAuthorizationEndpointPassthrough().EnableTokenEndpointPassthrough().EnableEndUserVerificationEndpointPassthrough().DisableTransportSecurityRequirement();
    }

    private Task GateAsync(HttpContext context, RequestDelegate next)
    {
        if (!IsReachable)
        {
            context.Abort();
            return Task.CompletedTask;
        }

        if (context.Request.Path == "/.well-known/jwks")
        {
            Interlocked.Increment(ref _keyReads);
        }

        return next(context);
    }
}

/// <summary>A user of the provider.</summary>
/// <param name="Name">The user's name.</param>
/// <param name="Roles">The user's roles.</param>
public sealed record ProviderUser(string Name, IReadOnlyList<string> Roles);
