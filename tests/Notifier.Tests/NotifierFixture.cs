using System.Net;
using System.Text;

using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

using MimeKit;

using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Notifier.Tests;

/// <summary>The notifier with its sidecar, a mail server and a webhook.</summary>
internal sealed class NotifierFixture : IAsyncDisposable
{
    private readonly List<RunningService> _replicas = [];
    private readonly TimeProvider? _time;
    private RunningService? _target;

    public NotifierFixture(string alerts, int mailPort = 0, TimeProvider? time = null)
    {
        _time = time;
        Mail = MailReceiver.Start(mailPort);
        Fixture = new ServiceFixture("notifier", Create);
        Fixture.Folder.Write("rules/alerts.yaml", alerts);
        Fixture.Settings["Mail:Host"] = "127.0.0.1";
        Fixture.Settings["Mail:Port"] = $"{Mail.Port}";
        Fixture.Settings["Mail:From"] = "ML alerts <alerts@example.org>";
    }

    public ServiceFixture Fixture { get; }

    public MailReceiver Mail { get; set; }

    /// <summary>The service provider of the notifier. A restart replaces it, but <see cref="AddReplicaAsync"/> does not.</summary>
    public IServiceProvider Services { get; private set; } = new ServiceCollection().BuildServiceProvider();

    /// <summary>The calls that the webhook has received.</summary>
    public ObservedItems<WebhookCall> Hooks { get; } = new();

    /// <summary>The status of the webhook's answer to a path; 0 closes the connection without an answer.</summary>
    public Func<string, HttpStatusCode> HookAnswer { get; set; } = _ => HttpStatusCode.OK;

    /// <summary>The Retry-After header and the body of the webhook's answer; null if the answer has no header or no body.</summary>
    public (string? RetryAfter, string? Body) HookExtras { get; set; }

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await StartHookAsync(cancellationToken);
        await Fixture.StartAsync(cancellationToken);
    }

    /// <summary>
    /// Starts only the webhook, and adds two components. <c>hook</c> has the address of the webhook. <c>gone</c> has an address at which no server listens.
    /// </summary>
    public async Task StartHookAsync(CancellationToken cancellationToken)
    {
        _target = await RunningService.StartAsync(CreateTarget, [], cancellationToken);
        Fixture.Component("hook", "bindings.http", ("url", $"{_target.Client.BaseAddress}"));
        Fixture.Component("gone", "bindings.http", ("url", $"http://127.0.0.1:{FreePort.Next()}/"));
    }

    /// <summary>Starts a replica of the notifier with the same sidecar.</summary>
    /// <returns>The service provider of the replica.</returns>
    public async Task<IServiceProvider> AddReplicaAsync(CancellationToken cancellationToken)
    {
        var first = Services;
        _replicas.Add(await RunningService.StartAsync(Create, Fixture.Settings, cancellationToken));
        var replica = Services;
        Services = first;
        return replica;
    }

    /// <summary>The next mail, parsed.</summary>
    public async Task<MimeMessage> NextMailAsync(CancellationToken cancellationToken) => await ReadAsync(await NextAsync(cancellationToken), cancellationToken);

    /// <summary>The next mail, not parsed.</summary>
    public Task<ReceivedMail> NextAsync(CancellationToken cancellationToken) =>
        Mail.Mails.ReadAsync(cancellationToken).AsTask().WaitAsync(TimeSpan.FromSeconds(60), TimeProvider.System, cancellationToken);

    /// <summary>A mail, parsed.</summary>
    public static async Task<MimeMessage> ReadAsync(ReceivedMail mail, CancellationToken cancellationToken)
    {
        using var stream = new MemoryStream(Encoding.UTF8.GetBytes(mail.Content));
        return await MimeMessage.LoadAsync(stream, cancellationToken);
    }

    public async ValueTask DisposeAsync() => await Disposal.DisposeAllAsync([.. _replicas, Fixture, Mail, _target]);

    private WebApplication Create(Action<WebApplicationBuilder> configure)
    {
        var app = NotifierService.Create([], builder =>
        {
            configure(builder);
            if (_time is not null)
            {
                builder.Services.AddSingleton(_time);
            }
        });
        Services = app.Services;
        return app;
    }

    private WebApplication CreateTarget(Action<WebApplicationBuilder> configure)
    {
        var builder = WebApplication.CreateBuilder();
        configure(builder);
        var app = builder.Build();
        app.MapFallback(async (HttpContext context) =>
        {
            using var reader = new StreamReader(context.Request.Body);
            var body = await reader.ReadToEndAsync(context.RequestAborted);
            var answer = HookAnswer(context.Request.Path);
            Hooks.Add(new WebhookCall(context.Request.Path, context.Request.Method, body, answer));
            if (answer == 0)
            {
                context.Abort();
                return;
            }

            context.Response.StatusCode = (int)answer;
            var (retryAfter, text) = HookExtras;
            if (retryAfter is not null)
            {
                context.Response.Headers.RetryAfter = retryAfter;
            }

            await context.Response.WriteAsync(text ?? "", context.RequestAborted);
        });
        return app;
    }
}

/// <summary>A call that the webhook received.</summary>
internal sealed record WebhookCall(string Path, string Method, string Body, HttpStatusCode Answer);
