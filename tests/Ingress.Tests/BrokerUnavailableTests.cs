using System.Net;

using Dapr.Client;

using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

using MLEvents.Events.Reading;
using MLEvents.Ingress.Webhook;
using MLEvents.Tests.Common;

namespace MLEvents.Ingress.Tests;

public sealed class BrokerUnavailableTests
{
    private const string Event = """[{"id":"1","topic":"/t","eventType":"x","data":{}}]""";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Without_its_sidecar_the_ingress_is_alive_but_not_ready_and_answers_503_so_that_nothing_is_lost()
    {
        await using var ingress = await StartAsync("http://127.0.0.1:1");
        ingress.Expected = log => log.Message.Contains("Answered 503", StringComparison.Ordinal) || log.Category?.Contains("HealthChecks", StringComparison.Ordinal) == true;

        using var alive = await ingress.Client.GetAsync(new Uri("/healthz", UriKind.Relative), Token);
        using var ready = await ingress.Client.GetAsync(new Uri("/readyz", UriKind.Relative), Token);
        using var response = await ingress.Client.PostAsync(new Uri("/events?code=" + IngressFixture.Key, UriKind.Relative), new StringContent(Event), Token);

        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(30), response.Headers.RetryAfter?.Delta);
        var problem = Json.Parse(await response.Content.ReadAsStringAsync(Token));
        Assert.Equal("The broker does not accept events now.", problem.GetProperty("title").GetString());
        Assert.Contains("deliver the request again", problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_body_is_answered_with_503_if_too_many_bodies_wait_and_is_accepted_when_it_is_delivered_again()
    {
        await using var ingress = await IngressFixture.StartAsync(Token);
        ingress.Ingress.Expected = log => log.Message.Contains("Answered 503", StringComparison.Ordinal);
        var limiter = ingress.Ingress.Services.GetRequiredService<BodyLimiter>();
        var largest = new IngressOptions().MaxBodyBytes;
        var first = await limiter.EnterAsync(largest, Token);
        var waiting = Enumerable.Range(0, 8).Select(_ => limiter.EnterAsync(largest, Token)).ToList();

        using var refused = await ingress.PostAsync(Event, Token);
        first?.Dispose();
        foreach (var body in waiting)
        {
            (await body)?.Dispose();
        }

        using var accepted = await ingress.PostAsync(Event, Token);

        Assert.NotNull(first);
        Assert.Equal((HttpStatusCode.ServiceUnavailable, TimeSpan.FromSeconds(30)), (refused.StatusCode, refused.Headers.RetryAfter?.Delta));
        Assert.Contains("deliver the request again", await refused.Content.ReadAsStringAsync(Token), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, accepted.StatusCode);
    }

    [Fact]
    public async Task A_body_that_waits_too_long_for_other_bodies_is_answered_with_503()
    {
        await using var ingress = await IngressFixture.StartAsync(Token, ("Ingress:PublishTimeout", "00:00:01"));
        ingress.Ingress.Expected = log => log.Message.Contains("Answered 503", StringComparison.Ordinal);
        using var room = await ingress.Ingress.Services.GetRequiredService<BodyLimiter>().EnterAsync(int.MaxValue, Token);

        using var refused = await ingress.PostAsync(Event, Token);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
    }

    [Fact]
    public async Task An_unreadable_body_is_answered_with_503_while_its_copy_cannot_be_quarantined()
    {
        await using var ingress = await StartAsync("http://127.0.0.1:1");
        ingress.Expected = log => log.Message.Contains("Answered 503", StringComparison.Ordinal);

        using var response = await ingress.Client.PostAsync(new Uri("/events?code=" + IngressFixture.Key, UriKind.Relative), new StringContent("{not json"), Token);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
    }

    [Fact]
    public async Task An_unreadable_part_that_the_state_store_does_not_accept_is_answered_with_503_and_a_title_that_names_the_state_store()
    {
        // The sidecar of the fixture has a broker and no state store.
        await using var ingress = await IngressFixture.StartAsync(Token, ("Ingress:MaxMessageBytes", "65536"));
        ingress.Ingress.Expected = log => log.Message.Contains("Answered 503", StringComparison.Ordinal);

        using var response = await ingress.PostAsync("{not json" + new string('x', 64 * 1024), Token);

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
        Assert.Equal("The state store does not accept messages for the quarantine now.", Json.Parse(await response.Content.ReadAsStringAsync(Token)).GetProperty("title").GetString());
    }

    [Fact]
    public async Task A_failure_other_than_a_Dapr_error_is_also_reported_as_not_published()
    {
        await using var app = IngressService.Create(["--environment=Development"]);
        app.Services.GetRequiredService<DaprClient>().Dispose();
        var publisher = app.Services.GetRequiredService<EventPublisher>();
        var read = EventReader.Read(System.Text.Encoding.UTF8.GetBytes(Event));

        var fault = await Assert.ThrowsAsync<NotAllPublishedException>(() => publisher.PublishAsync(read, new HeaderDictionary(), sender: null, Token));

        Assert.IsNotType<Dapr.DaprException>(fault.InnerException);
    }

    private static Task<RunningService> StartAsync(string sidecar) => RunningService.StartAsync(
        configure => IngressService.Create([], configure),
        [new("Ingress:Keys:0", IngressFixture.Key), new("DAPR_HTTP_ENDPOINT", sidecar), new("DAPR_GRPC_ENDPOINT", sidecar)],
        Token);
}
