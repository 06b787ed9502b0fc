using System.Diagnostics.Metrics;

using Dapr.Client.Autogen.Grpc.v1;

using Grpc.Core;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.State;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Ledger.Tests;

/// <summary>An index does not treat a key that it cannot read as an empty key.</summary>
public sealed class ShardedIndexTests : IDisposable
{
    private const string Id = "00000000000000000000";
    private static readonly WorkflowEvent Event = SampleEvents.Create("RunCompleted");
    private readonly SidecarCalls _calls = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _calls.Dispose();

    [Fact]
    public async Task A_key_that_the_read_of_all_keys_does_not_find_is_read_alone()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), _calls, Token);
        _calls.OnCall = call => call.Method == "GetBulkState" ? Task.FromResult(Unreadable(call)) : call.ForwardAsync();

        var before = await fixture.Failed.ListAsync(Token);
        await fixture.Failed.AddAsync(LedgerFixture.Record(Id), Token);
        var after = await fixture.Failed.ListAsync(Token);

        Assert.Empty(before);
        Assert.Equal(Id, Assert.Single(after).Id);
    }

    [Fact]
    public async Task A_key_that_does_not_exist_is_not_read_alone_again_at_the_next_read_of_all_keys()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), _calls, Token);
        await fixture.Failed.ListAsync(Token);
        var before = _calls.Methods.Count;

        await fixture.Failed.ListAsync(Token);

        Assert.Equal(["GetBulkState", "GetBulkState"], _calls.Methods.Skip(before));
    }

    [Fact]
    public async Task A_missing_key_that_another_replica_creates_is_read_alone_after_five_minutes_if_the_read_of_all_keys_fails_for_it()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), _calls, Token);
        await fixture.Failed.ListAsync(Token);
        using var otherCalls = new SidecarCalls();
        using var otherClient = otherCalls.CreateClient(fixture.Fixture.Settings["DAPR_GRPC_ENDPOINT"] ?? "", apiToken: SidecarTokens.Dapr);
        var replica = new FailedIndex(otherClient, fixture.Services.GetRequiredService<IOptions<LedgerOptions>>(), new CallTimeout(fixture.CallTime), fixture.Time);
        await replica.AddAsync(LedgerFixture.Record(Id), Token);
        _calls.OnCall = call => call.Method == "GetBulkState" ? Task.FromResult(Unreadable(call)) : call.ForwardAsync();

        var before = await fixture.Failed.ListAsync(Token);
        fixture.Time.Advance(TimeSpan.FromMinutes(5));
        var after = await fixture.Failed.ListAsync(Token);

        Assert.Empty(before);
        Assert.Equal(Id, Assert.Single(after).Id);
    }

    [Fact]
    public async Task A_list_fails_if_a_key_cannot_be_read()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), _calls, Token);
        _calls.OnCall = call => FailOn(call, "failed-0");

        await Assert.ThrowsAsync<Dapr.DaprException>(() => fixture.Failed.ListAsync(Token));
    }

    [Fact]
    public async Task The_reconciler_reports_a_key_that_cannot_be_read_and_continues_the_actions_of_the_other_keys()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), _calls, Token);
        var record = LedgerFixture.Request().ToRecord("tester", Event, fixture.Time.GetUtcNow());
        var shards = new LedgerOptions().Shards;
        var unreadable = $"pending-{(Convert.ToInt32(record.Id[..4], 16) + 1) % shards}";
        _calls.OnCall = call => FailOn(call, unreadable);
        await fixture.Records.TryCreateAsync(record, Token);

        await fixture.Pending.AddAsync(record, fixture.Time.GetUtcNow(), Token);

        Assert.Equal(ActionStatus.Succeeded, (await fixture.RecordAsync(Event, found => found.IsFinished, Token)).Status);
        Assert.Contains(fixture.Fixture.Service.Logs, log => log.Message.Contains($"in key {unreadable} of the state store could not be read", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_number_of_pending_actions_is_not_measured_while_a_key_cannot_be_read()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), _calls, Token);
        var record = LedgerFixture.Request().ToRecord("tester", Event, fixture.Time.GetUtcNow());
        var unreadable = $"pending-{(Convert.ToInt32(record.Id[..4], 16) + 1) % new LedgerOptions().Shards}";
        _calls.OnCall = call => FailOn(call, unreadable);
        using var measured = new MetricCollector<int>(fixture.Services.GetRequiredService<IMeterFactory>(), LedgerTelemetry.MeterName, "mlevents.ledger.pending");
        await fixture.Records.TryCreateAsync(record, Token);

        await fixture.Pending.AddAsync(record, fixture.Time.GetUtcNow(), Token);
        await fixture.RecordAsync(Event, found => found.IsFinished, Token);
        var whileUnreadable = measured.GetMeasurementSnapshot();
        _calls.OnCall = call => call.ForwardAsync();
        await fixture.Pending.AddAsync(record, fixture.Time.GetUtcNow(), Token);

        Assert.Empty(whileUnreadable);
        await Poll.UntilAsync(() => measured.LastMeasurement is not null, Token);
    }

    // The bulk read does not return the key, and the separate read of the key fails.
    private static Task<HttpResponseMessage> FailOn(SidecarCall call, string key) => call.Method switch
    {
        "GetBulkState" => Task.FromResult(Unreadable(call)),
        "GetState" when call.Read(GetStateRequest.Parser).Key == key => Task.FromResult(SidecarCall.Fail(StatusCode.Internal)),
        _ => call.ForwardAsync(),
    };

    // The answer of daprd if the store fails for each key.
    private static HttpResponseMessage Unreadable(SidecarCall call)
    {
        var answer = new GetBulkStateResponse();
        answer.Items.AddRange(call.Read(GetBulkStateRequest.Parser).Keys.Select(key => new BulkStateItem { Key = key, Error = "i/o timeout" }));
        return SidecarCall.Answer(answer);
    }
}
