using System.Text;
using System.Text.Json;

using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Ledger.Tests;

/// <summary>Records that other versions of the service wrote.</summary>
public sealed class RecordVersionsTests
{
    private const string Samples = "Samples";
    private const string Id = "0123456789abcdef0123";

    public static TheoryData<string> SampleNames => [.. Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, Samples)).Select(file => Path.GetFileName(file))];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [MemberData(nameof(SampleNames))]
    public async Task A_record_of_version_1_is_read_and_written_again_without_a_loss(string sample)
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token, ("Ledger:PollInterval", "00:10:00"));
        var json = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, Samples, sample), Token);
        using var before = JsonDocument.Parse(json);
        var id = before.RootElement.GetProperty("id").GetString() ?? "";
        await fixture.Fixture.Dapr.SaveByteStateAsync("statestore", "action-" + id, Encoding.UTF8.GetBytes(json), cancellationToken: Token);

        var read = await fixture.Records.FindAsync(id, Token);
        Assert.NotNull(read);
        Assert.True(await fixture.Records.TryUpdateAsync(read, read.Record, Token));

        var after = await fixture.Fixture.Dapr.GetStateAsync<JsonElement>("statestore", "action-" + id, cancellationToken: Token);
        Assert.All(before.RootElement.EnumerateObject().Where(member => member.Name != "updatedAt"), member => Assert.True(Same(member.Value, after.GetProperty(member.Name)), member.Name));
        Assert.Equal((0, 1, id), (read.Record.Generation, read.Record.Version, read.Record.RemoteId));
        Assert.Equal(read.Record.Event.GetProperty("id").GetString(), read.Record.ReadEvent().Id);
    }

    [Theory]
    [InlineData("v1-waiting.json")]
    [InlineData("v1-retrying.json")]
    [InlineData("v1-accepted.json")]
    public async Task A_pending_action_of_version_1_is_completed(string sample)
    {
        await using var fixture = await LedgerFixture.StartAsync((record, _) => new Succeeded { Detail = $"at '{record.Stage}'" }, Token);
        // The year becomes 1026, so that the action is due and its lease has expired.
        var json = (await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, Samples, sample), Token)).Replace("\"dueAt\": \"2", "\"dueAt\": \"1", StringComparison.Ordinal);
        using var before = JsonDocument.Parse(json.Replace("\"leaseUntil\": \"2", "\"leaseUntil\": \"1", StringComparison.Ordinal));
        var id = before.RootElement.GetProperty("id").GetString() ?? "";
        await fixture.Fixture.Dapr.SaveByteStateAsync("statestore", "action-" + id, Encoding.UTF8.GetBytes(before.RootElement.GetRawText()), cancellationToken: Token);

        await fixture.Pending.AddAsync(LedgerFixture.Record(id), TimeProvider.System.GetUtcNow(), Token);

        var end = await fixture.Fixture.Activity.FirstAsync(action => action.ActionId == id && action.Status == "succeeded", Token);
        Assert.Equal($"at '{before.RootElement.GetProperty("stage").GetString()}'", end.Detail);
    }

    [Theory]
    [InlineData("""{"version":5,"id":"0123456789abcdef0123","rule":"r","unheard":"of"}""")]
    [InlineData("""{"version":99999999999,"status":{"now":"an object"}}""")]
    [InlineData("""{"version":1,"planVersion":2,"id":"0123456789abcdef0123","rule":"r"}""")]
    public async Task A_record_or_plan_of_a_newer_version_is_not_changed_and_stays_pending(string json)
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        using var newer = JsonDocument.Parse(json);
        await fixture.Fixture.Dapr.SaveStateAsync("statestore", "action-" + Id, newer.RootElement, cancellationToken: Token);

        await fixture.Pending.AddAsync(LedgerFixture.Record(Id), TimeProvider.System.GetUtcNow(), Token);
        await WaitForReportsAsync(fixture, 2);
        await fixture.Waker.WakeAsync(Id, Token);
        await WaitForReportsAsync(fixture, 5);

        var read = await fixture.Records.FindAsync(Id, Token) ?? throw new InvalidOperationException();
        Assert.True(read.Record.IsNewer);
        await Assert.ThrowsAsync<InvalidOperationException>(() => fixture.Records.TryUpdateAsync(read, read.Record, Token));
        Assert.Equal(json, (await fixture.Fixture.Dapr.GetStateAsync<JsonElement>("statestore", "action-" + Id, cancellationToken: Token)).GetRawText());
        Assert.Equal(Id, Assert.Single(await fixture.Pending.ListAsync(Token)).Id);
        Assert.Equal(0, fixture.Work.Steps);
    }

    [Fact]
    public async Task An_event_whose_action_has_a_record_of_a_newer_version_is_acknowledged_and_the_action_stays_pending()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        var workflowEvent = SampleEvents.Create("RunCompleted");
        var id = ActionRecord.IdOf("tester", "r", workflowEvent);
        await fixture.Fixture.Dapr.SaveStateAsync("statestore", "action-" + id, new { version = 5 }, cancellationToken: Token);

        await fixture.Runner.RunAsync(workflowEvent, [LedgerFixture.Request()], Token);

        Assert.Equal(id, Assert.Single(await fixture.Pending.ListAsync(Token)).Id);
        Assert.Equal(0, fixture.Work.Steps);
    }

    [Fact]
    public async Task A_record_of_a_newer_version_is_shown_and_other_operations_on_it_are_refused_with_its_version()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        await fixture.Fixture.Dapr.SaveStateAsync("statestore", "action-" + Id, new { version = 5, rule = "r" }, cancellationToken: Token);

        var shown = await fixture.Fixture.Service.AskAsync(HttpMethod.Get, "/actions/" + Id, Token);
        var retried = await fixture.Fixture.Service.AskAsync(HttpMethod.Post, $"/actions/{Id}/retry?force=true", Token);
        var cancelled = await fixture.Fixture.Service.AskAsync(HttpMethod.Post, $"/actions/{Id}/cancel", Token);
        var compared = await fixture.Fixture.Service.AskAsync(HttpMethod.Get, $"/actions/{Id}/difference", Token);

        Assert.Equal((200, "unknown", "r"), (shown.Status, shown.Body.GetProperty("status").GetString(), shown.Body.GetProperty("rule").GetString()));
        Assert.Equal((409, 409, 409), (retried.Status, cancelled.Status, compared.Status));
        Assert.Contains("version 5", compared.Body.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Contains("version 5", retried.Body.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    // The reconciler logs each time that it reads the record, so the log lines count the reads.
    private static Task WaitForReportsAsync(LedgerFixture fixture, int times) => Poll.UntilAsync(
        () => fixture.Fixture.Service.Logs.Count(log => log.Message.Contains("a newer replica continues it", StringComparison.Ordinal)) >= times, Token);

    private static bool Same(JsonElement one, JsonElement other) => one.ValueKind == JsonValueKind.String && one.TryGetDateTimeOffset(out var time)
        ? other.TryGetDateTimeOffset(out var otherTime) && time == otherTime
        : JsonElement.DeepEquals(one, other);
}
