using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;

using MimeKit;

using MLEvents.Events;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Notifier.Tests.Throttling;

/// <summary>Alerts with a limit, from the broker to the mail server.</summary>
public sealed class ThrottledAlertTests : IAsyncDisposable
{
    private static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 11, 1, 18, 10, 0, TimeSpan.Zero));
    private readonly NotifierFixture _fixture;

    public ThrottledAlertTests() => _fixture = new NotifierFixture(Rule(max: 2), time: _time);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        // The service must stop before its sidecar. Otherwise the write of a record waits for the stopped sidecar without end, because the fake clock does not advance.
        await _fixture.Fixture.StopServiceAsync();
        await _fixture.DisposeAsync();
    }

    [Fact]
    public async Task Events_beyond_the_limit_of_a_period_are_listed_in_one_digest_when_the_period_ends()
    {
        await _fixture.StartAsync(Token);
        var events = Events(5);
        var ends = new List<ActionChanged>();
        foreach (var happened in events)
        {
            await _fixture.Fixture.PublishAsync(happened, Token);
            await _fixture.Fixture.PublishAsync(happened, Token);
            ends.Add(await _fixture.Fixture.EndOfAsync("tell", happened, Token));
        }

        var singles = new[] { await _fixture.NextMailAsync(Token), await _fixture.NextMailAsync(Token) };
        var digestId = DigestOf(ends[^1]);
        _time.Advance(Hour);
        var digest = await _fixture.NextMailAsync(Token);
        var sent = await _fixture.Fixture.Activity.FirstAsync(action => action.ActionId == digestId && action.Status == "succeeded", Token);

        Assert.Equal(["succeeded", "succeeded", "skipped", "skipped", "skipped"], ends.Select(end => end.Status));
        Assert.Equal(["Done: 0", "Done: 1"], singles.Select(mail => mail.Subject));
        Assert.Equal("3 more: RunCompleted, ml-local (2026-11-01 18:00–19:00 UTC)", digest.Subject);
        Assert.Equal(["runs/2", "runs/3", "runs/4"], SubjectsIn(digest));
        Assert.Contains("<td>RunCompleted</td>", digest.HtmlBody, StringComparison.Ordinal);
        Assert.Equal(($"{digestId}@example.org", new DateTimeOffset(2026, 11, 1, 19, 0, 0, TimeSpan.Zero)), (digest.MessageId, digest.Date));
        Assert.Equal(["ann@example.org"], digest.To.Mailboxes.Select(mailbox => mailbox.Address));
        Assert.Equal("digest of 3 events, 2026-11-01 18:00–19:00 UTC: mailed to 1 recipient", sent.Detail);
        Assert.Equal("digest of 2026-11-01 18:00–19:00 UTC, sent when the period ends", _fixture.Fixture.Activity.All.First(action => action.ActionId == digestId).Detail);

        var next = Events(1, from: 5)[0];
        await _fixture.Fixture.PublishAsync(next, Token);
        Assert.Equal("Done: 5", (await _fixture.NextMailAsync(Token)).Subject);
        Assert.False(_fixture.Mail.Mails.TryRead(out _));
    }

    [Fact]
    public async Task A_chat_gets_its_digest_in_its_own_format()
    {
        _fixture.Fixture.Folder.Write("rules/alerts.yaml", """
            alerts:
              - name: tell
                when: { includedEventTypes: [RunCompleted] }
                send: { channel: hook, format: slack, throttle: { max: 1, per: 1h } }
            """);
        await _fixture.StartAsync(Token);
        foreach (var happened in Events(3))
        {
            await _fixture.Fixture.PublishAsync(happened, Token);
            await _fixture.Fixture.EndOfAsync("tell", happened, Token);
        }

        _time.Advance(Hour);
        var digest = await _fixture.Hooks.FirstAsync(call => call.Body.Contains("2 more: RunCompleted", StringComparison.Ordinal), Token);

        Assert.Contains("In this period the rule 'tell' sent 1 message, which is its limit; this digest lists up to 100 of the other events.", digest.Body, StringComparison.Ordinal);
        Assert.Contains("runs/1", digest.Body, StringComparison.Ordinal);
        Assert.Contains("\"blocks\"", digest.Body, StringComparison.Ordinal);
        Assert.Equal(2, _fixture.Hooks.All.Count);
    }

    [Fact]
    public async Task Events_with_different_values_of_the_key_are_counted_separately()
    {
        _fixture.Fixture.Folder.Write("rules/alerts.yaml", Rule(max: 1, key: "{{ data.team }}"));
        await _fixture.StartAsync(Token);

        foreach (var happened in Events(2).Concat(Events(2, from: 2, team: "b")))
        {
            await _fixture.Fixture.PublishAsync(happened, Token);
            await _fixture.Fixture.EndOfAsync("tell", happened, Token);
        }

        var singles = new[] { await _fixture.NextMailAsync(Token), await _fixture.NextMailAsync(Token) };
        _time.Advance(Hour);
        var digests = new[] { await _fixture.NextMailAsync(Token), await _fixture.NextMailAsync(Token) };

        Assert.Equal(["Done: 0", "Done: 2"], singles.Select(mail => mail.Subject));
        Assert.Equal(["runs/1", "runs/3"], digests.SelectMany(SubjectsIn).Order(StringComparer.Ordinal));
        Assert.NotEqual(digests[0].InReplyTo, digests[1].InReplyTo);
    }

    [Fact]
    public async Task Events_whose_key_is_an_ARM_id_are_counted_together_in_any_casing()
    {
        _fixture.Fixture.Folder.Write("rules/alerts.yaml", Rule(max: 1, key: "{{ data.team }}"));
        await _fixture.StartAsync(Token);
        var ends = new List<string>();

        foreach (var happened in Events(1, team: "/subscriptions/s/resourceGroups/G").Concat(Events(1, from: 1, team: "/subscriptions/S/resourcegroups/g/")))
        {
            await _fixture.Fixture.PublishAsync(happened, Token);
            ends.Add((await _fixture.Fixture.EndOfAsync("tell", happened, Token)).Status);
        }

        Assert.Equal(["succeeded", "skipped"], ends);
    }

    [Fact]
    public async Task Replicas_that_race_for_the_last_slots_send_no_more_mails_than_the_limit()
    {
        _fixture.Fixture.Folder.Write("rules/alerts.yaml", Rule(max: 3));
        await _fixture.StartAsync(Token);
        var other = await _fixture.AddReplicaAsync(Token);
        var events = Events(12);

        await Task.WhenAll(events.Select((happened, number) => HandleAsync(number % 2 == 0 ? _fixture.Services : other, happened)));
        var singles = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => _fixture.NextMailAsync(Token)));
        _time.Advance(Hour);
        var digest = await _fixture.NextMailAsync(Token);

        string[] reported = [.. singles.Select(mail => mail.Subject?.Replace("Done: ", "runs/", StringComparison.Ordinal) ?? ""), .. SubjectsIn(digest)];
        Assert.Equal(events.Select(happened => happened.Subject).Order(StringComparer.Ordinal), reported.Order(StringComparer.Ordinal));
        Assert.False(_fixture.Mail.Mails.TryRead(out _));
    }

    [Fact]
    public async Task Events_that_the_digest_does_not_list_are_counted_once()
    {
        _fixture.Fixture.Folder.Write("rules/alerts.yaml", Rule(max: 1));
        await _fixture.StartAsync(Token);

        await Parallel.ForEachAsync(Events(131), new ParallelOptions { MaxDegreeOfParallelism = 4, CancellationToken = Token }, async (happened, _) =>
        {
            await HandleAsync(_fixture.Services, happened);
            await HandleAsync(_fixture.Services, happened);
        });
        await _fixture.NextMailAsync(Token);
        _time.Advance(Hour);
        var digest = await _fixture.NextMailAsync(Token);

        Assert.StartsWith("130 more: ", digest.Subject, StringComparison.Ordinal);
        Assert.Equal(100, SubjectsIn(digest).Distinct().Count());
        Assert.Contains("and 30 more that are not listed.", digest.TextBody, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_digest_is_sent_after_its_rule_was_removed_and_the_service_restarted()
    {
        await _fixture.StartAsync(Token);
        await HandleAsync(_fixture.Services, [.. Events(3)]);
        await _fixture.Fixture.StopServiceAsync();
        _fixture.Fixture.Folder.Write("rules/alerts.yaml", "alerts: []");

        _time.Advance(Hour);
        await _fixture.Fixture.StartServiceAsync(Token);
        var mails = new[] { await _fixture.NextMailAsync(Token), await _fixture.NextMailAsync(Token), await NextInTimeAsync() };

        Assert.Equal(["Done: 0", "Done: 1"], mails.Take(2).Select(mail => mail.Subject));
        Assert.Equal(["runs/2"], SubjectsIn(mails[2]));
    }

    [Fact]
    public async Task After_an_edit_of_the_rule_the_earlier_events_of_the_period_count_for_the_new_limit()
    {
        await _fixture.StartAsync(Token);
        await HandleAsync(_fixture.Services, [.. Events(3)]);
        _fixture.Fixture.Folder.Write("rules/alerts.yaml", Rule(max: 3).Replace("ann@", "bob@", StringComparison.Ordinal));
        var edited = await _fixture.AddReplicaAsync(Token);

        await HandleAsync(edited, [.. Events(2, from: 3)]);
        var mails = new[] { await _fixture.NextMailAsync(Token), await _fixture.NextMailAsync(Token), await _fixture.NextMailAsync(Token) };
        _time.Advance(Hour);
        var digest = await _fixture.NextMailAsync(Token);

        Assert.Equal(["Done: 0", "Done: 1", "Done: 3"], mails.Select(mail => mail.Subject));
        Assert.Equal(["runs/2", "runs/4"], SubjectsIn(digest));
        Assert.Equal("ann@example.org", Assert.Single(digest.To.Mailboxes).Address);
    }

    [Fact]
    public async Task An_event_that_arrives_after_the_cancellation_of_the_digest_is_reported_in_the_next_period()
    {
        await _fixture.StartAsync(Token);
        await HandleAsync(_fixture.Services, [.. Events(3)]);
        var cancelled = DigestOf(await _fixture.Fixture.EndOfAsync("tell", Events(3)[2], Token));
        await _fixture.Fixture.Service.AskAsync(HttpMethod.Post, $"/actions/{cancelled}/cancel", Token);

        await HandleAsync(_fixture.Services, [.. Events(3, from: 3)]);
        var mails = new[] { await _fixture.NextMailAsync(Token), await _fixture.NextMailAsync(Token), await _fixture.NextMailAsync(Token), await _fixture.NextMailAsync(Token) };
        _time.Advance(2 * Hour);
        var digest = await _fixture.NextMailAsync(Token);

        Assert.Equal(["Done: 0", "Done: 1", "Done: 3", "Done: 4"], mails.Select(mail => mail.Subject));
        Assert.Equal("1 more: RunCompleted, ml-local (2026-11-01 19:00–20:00 UTC)", digest.Subject);
        Assert.Equal(["runs/5"], SubjectsIn(digest));
        await _fixture.Fixture.Activity.FirstAsync(action => action.Detail == "digest of 1 event, 2026-11-01 19:00–20:00 UTC: mailed to 1 recipient", Token);
    }

    [Fact]
    public async Task A_failed_digest_lists_the_same_events_when_it_is_retried()
    {
        await _fixture.StartAsync(Token);
        await HandleAsync(_fixture.Services, [.. Events(4)]);
        await _fixture.NextMailAsync(Token);
        await _fixture.NextMailAsync(Token);
        _fixture.Mail.Answer = line => line.StartsWith("RCPT", StringComparison.Ordinal) ? "550 gone" : null;
        _time.Advance(Hour);
        var failed = await _fixture.Fixture.Activity.FirstAsync(action => action.Status == "failed", Token);
        _fixture.Mail.Answer = _ => null;
        await _fixture.Fixture.Service.AskUntilAsync($"/actions/{failed.ActionId}", action => action.GetProperty("status").GetString() == "failed", Token);

        await _fixture.Fixture.Service.AskAsync(HttpMethod.Post, $"/actions/{failed.ActionId}/retry", Token);
        var digest = await _fixture.NextMailAsync(Token);

        Assert.Equal(["runs/2", "runs/3"], SubjectsIn(digest));
        Assert.Equal($"{failed.ActionId}-r1@example.org", digest.MessageId);
    }

    [Fact]
    public async Task A_forced_retry_of_an_event_in_a_digest_sends_its_own_mail()
    {
        await _fixture.StartAsync(Token);
        await HandleAsync(_fixture.Services, [.. Events(3)]);
        await _fixture.NextMailAsync(Token);
        await _fixture.NextMailAsync(Token);
        var listed = await _fixture.Fixture.EndOfAsync("tell", Events(3)[2], Token);

        await _fixture.Fixture.Service.AskAsync(HttpMethod.Post, $"/actions/{listed.ActionId}/retry?force=true", Token);

        Assert.Equal("Done: 2", (await _fixture.NextMailAsync(Token)).Subject);
    }

    private static string Rule(int max, string key = "{{ workspace.name }}") => $$$"""
        alerts:
          - name: tell
            when: { includedEventTypes: [RunCompleted] }
            send:
              channel: email
              to: [ann@example.org]
              subject: "Done: {{ data.number }}"
              throttle: { max: {{{max}}}, per: 1h, key: "{{{key}}}" }
        """;

    // The same arguments create the same events, so a test can create an event again to refer to it.
    private static WorkflowEvent[] Events(int count, int from = 0, string team = "a") =>
        [.. Enumerable.Range(from, count).Select(number => SampleEvents.Create("RunCompleted", $$"""{"number":{{number}},"team":"{{team}}"}""", $"runs/{number}", $"event-{number}"))];

    private static string DigestOf(ActionChanged end) =>
        end.Detail is { } detail && detail.StartsWith("included in digest ", StringComparison.Ordinal)
            ? detail[^20..]
            : throw new InvalidOperationException($"The detail of the action names no digest: {end}");

    private static IEnumerable<string> SubjectsIn(MimeMessage digest) =>
        (digest.TextBody ?? "").Split('\n').Where(line => line.Contains("  RunCompleted  ", StringComparison.Ordinal)).Select(line => line.TrimEnd().Split("  ")[^1]);

    private static async Task HandleAsync(IServiceProvider replica, params WorkflowEvent[] events)
    {
        foreach (var happened in events)
        {
            await replica.GetRequiredService<ITopicHandler>().HandleAsync(happened, Token);
        }
    }

    // Advances the clock until the mail arrives, because a reconciler that starts before the channel to the sidecar is ready reads the store only at its next poll.
    private async Task<MimeMessage> NextInTimeAsync()
    {
        var next = _fixture.NextMailAsync(Token);
        using var poll = new PeriodicTimer(TimeSpan.FromMilliseconds(50), TimeProvider.System);
        while (!next.IsCompleted)
        {
            await poll.WaitForNextTickAsync(Token);
            _time.Advance(TimeSpan.FromMilliseconds(300));
        }

        return await next;
    }
}
