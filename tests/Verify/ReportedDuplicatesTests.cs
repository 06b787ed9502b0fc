using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

using MLEvents.ServiceDefaults;
using MLEvents.Tests.Common;

namespace MLEvents.Local.Verify.Tests;

public sealed class ReportedDuplicatesTests
{
    private const string Doubt = "mailed to 1 recipient; it may arrive twice: the mail server did not answer an earlier attempt";

    private static readonly Dictionary<string, int> None = [];

    private readonly ObservedItems<string> _asked = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Each_mail_after_the_first_counts_as_reported_if_the_detail_of_its_action_says_that_it_may_arrive_twice()
    {
        await using var notifier = await StartAsync(id => id == "silent" ? "mailed to 1 recipient" : Doubt);

        var reported = await CountAsync(notifier, new() { ["once"] = 1, ["twice"] = 2, ["often"] = 4, ["silent"] = 2 });

        Assert.Equal(1 + 3, reported);
        Assert.Equal(["often", "silent", "twice"], _asked.All.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(401)]
    [InlineData(404)]
    [InlineData(500)]
    public async Task A_duplicate_counts_as_not_reported_if_the_record_of_its_action_cannot_be_read(int status)
    {
        await using var notifier = await StartAsync(_ => Doubt, status);

        Assert.Equal(0, await CountAsync(notifier, new() { ["twice"] = 2 }));
        Assert.Equal(["twice"], _asked.All);
    }

    [Theory]
    [InlineData("<html>")]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("null")]
    [InlineData("""{"detail": 5}""")]
    [InlineData("""{"detail": {"text": "it may arrive twice"}}""")]
    public async Task A_duplicate_counts_as_not_reported_if_the_record_of_its_action_has_an_unexpected_form(string record)
    {
        await using var notifier = await StartWithAsync(_ => TypedResults.Text(record, "application/json"));

        Assert.Equal(0, await CountAsync(notifier, new() { ["twice"] = 2 }));
        Assert.Equal(["twice"], _asked.All);
    }

    [Fact]
    public async Task A_duplicate_counts_as_not_reported_if_its_action_has_no_detail()
    {
        await using var notifier = await StartAsync(_ => null);

        Assert.Equal(0, await CountAsync(notifier, new() { ["twice"] = 2 }));
    }

    [Fact]
    public async Task A_duplicate_counts_as_not_reported_if_the_notifier_does_not_run()
    {
        var nobody = new Uri($"http://127.0.0.1:{FreePort.Next()}");

        Assert.Equal(0, await ReportedDuplicates.CountAsync(nobody, new(new Dictionary<string, int> { ["twice"] = 2 }, None, None, None), Token));
    }

    private static Task<int> CountAsync(RunningService notifier, Dictionary<string, int> mails) =>
        ReportedDuplicates.CountAsync(notifier.Client.BaseAddress ?? throw new InvalidOperationException(), new(mails, None, None, None), Token);

    private Task<RunningService> StartAsync(Func<string, string?> detail, int status = 200) => StartWithAsync(id => TypedResults.Json(new { detail = detail(id) }, statusCode: status));

    private Task<RunningService> StartWithAsync(Func<string, IResult> answer) => RunningService.StartAsync(
        configure =>
        {
            var builder = WebApplication.CreateBuilder();
            configure(builder);
            var app = builder.Build();
            app.MapGet("/actions/{id}", (string id, HttpRequest request) =>
            {
                _asked.Add(id);
                return request.Headers.Authorization == $"Bearer {OperationsOptions.LocalToken}" ? answer(id) : TypedResults.StatusCode(403);
            });
            return app;
        },
        [],
        Token);
}
