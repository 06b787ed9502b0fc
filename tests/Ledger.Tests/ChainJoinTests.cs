using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

using MLEvents.Events;
using MLEvents.Ledger.Chains;
using MLEvents.Tests.Services;

namespace MLEvents.Ledger.Tests;

/// <summary>How the event of a registered model gets a chain if its data names no chain.</summary>
public sealed class ChainJoinTests
{
    private static readonly WorkflowEvent Registered = SampleEvents.Create("ModelRegistered", """{ "modelName": "churn", "modelVersion": "3" }""", "models/churn:3", id: "registered-1");
    private static readonly JoinedChain Chain = new("drift-1", Lineage.KeyOf("retrainer", "train"));

    private readonly FakeTimeProvider _time = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_event_gets_the_chain_and_the_path_that_the_lookup_finds()
    {
        var joined = await Join(new ScriptedLookup(Chain)).JoinAsync(Registered, Token);

        Assert.Equal("drift-1", Correlation.IdOf(joined));
        Assert.Equal([Lineage.KeyOf("retrainer", "train")], Lineage.PathOf(joined));
        Assert.Same(Registered, await Join(new ScriptedLookup(Chain), TimeSpan.Zero).JoinAsync(Registered, Token));
    }

    [Fact]
    public async Task A_chain_that_is_not_known_yet_is_looked_up_again()
    {
        var lookup = new ScriptedLookup(null, null, Chain);
        var joining = Join(lookup).JoinAsync(Registered, Token);
        while (!joining.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMilliseconds(200));
            await Task.Yield();
        }

        Assert.Equal("drift-1", Correlation.IdOf(await joining));
        Assert.Equal(3, lookup.Lookups);
    }

    [Fact]
    public async Task An_event_whose_chain_is_not_found_in_time_begins_a_chain()
    {
        var joining = Join(new ScriptedLookup()).JoinAsync(Registered, Token);
        _time.Advance(TimeSpan.FromSeconds(3));

        Assert.Equal(Registered.Id, Correlation.IdOf(await joining));
    }

    [Fact]
    public async Task A_model_that_belongs_to_no_chain_is_not_looked_up_again()
    {
        var joined = await Join(new ScriptedLookup(JoinedChain.None)).JoinAsync(Registered, Token);

        Assert.Equal(Registered.Id, Correlation.IdOf(joined));
        Assert.False(Correlation.IsUnknown(joined));
    }

    [Theory]
    [InlineData("ModelRegistered", """{ "modelTags": { "mlevents.correlation": "chain-9" } }""", "chain-9")]
    [InlineData("ModelRegistered", """{ "modelProperties": { "mlevents.correlation": "chain-9" } }""", "chain-9")]
    [InlineData("RunCompleted", "{}", "other-1")]
    public async Task No_chain_is_looked_up_for_other_events_and_for_models_that_name_their_chain(string type, string data, string expected)
    {
        var lookup = new ScriptedLookup(Chain);

        var joined = await Join(lookup).JoinAsync(SampleEvents.Create(type, data, id: "other-1"), Token);

        Assert.Equal((expected, 0), (Correlation.IdOf(joined), lookup.Lookups));
    }

    [Fact]
    public async Task Records_are_found_by_job_and_by_event_regardless_of_the_casing_of_the_workspace()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        var records = fixture.Services.GetRequiredService<IChainRecords>();
        await records.SaveJobAsync(SampleEvents.Workspace, "job-1", Chain, Token);
        await records.SaveEventAsync(Registered, JoinedChain.None, Token);

        Assert.Equal(Chain, await records.FindJobAsync(SampleEvents.Workspace.ToUpperInvariant(), "job-1", Token));
        Assert.Null(await records.FindJobAsync(SampleEvents.Workspace, "job-2", Token));
        Assert.Equal(JoinedChain.None, await records.FindEventAsync(Registered, Token));
        Assert.Null(await records.FindEventAsync(Registered with { Id = "registered-2" }, Token));
    }

    [Fact]
    public async Task Without_the_component_for_chains_nothing_fails_and_no_event_waits_for_its_chain()
    {
        await using var fixture = await LedgerFixture.StartAsync((_, _) => new Succeeded(), Token);
        await fixture.Fixture.StopSidecarAsync();
        File.Delete(Path.Combine(fixture.Fixture.Folder.Path, "components", "chains.yaml"));
        await fixture.Fixture.StartSidecarAsync(Token);
        var records = fixture.Services.GetRequiredService<IChainRecords>();

        await records.SaveJobAsync(SampleEvents.Workspace, "job-1", Chain, Token);

        Assert.False(records.IsAvailable);
        Assert.Null(await records.FindJobAsync(SampleEvents.Workspace, "job-1", Token));
        Assert.Equal(JoinedChain.None, await fixture.Services.GetRequiredService<IChainLookup>().FindAsync(Registered, Token));
    }

    [Fact]
    public void The_event_of_a_record_keeps_the_chain_that_was_found()
    {
        var joined = Registered with { Joined = Chain };
        var record = new ActionRecord
        {
            Id = ActionRecord.IdOf("tester", "rule", joined),
            Service = "tester",
            Rule = "rule",
            CorrelationId = Correlation.IdOf(joined),
            Path = Lineage.PathOf(joined),
            Event = joined.Envelope,
            Plan = default,
            CreatedAt = _time.GetUtcNow(),
        };

        Assert.Equal(Chain, record.ReadEvent().Joined);
    }

    private ChainJoin Join(ScriptedLookup lookup, TimeSpan? wait = null) =>
        new(lookup, Options.Create(new ChainOptions { Wait = wait ?? TimeSpan.FromSeconds(3) }), _time, NullLogger<ChainJoin>.Instance);

    /// <summary>Returns the given answers in order, and then null: the chain is not known yet.</summary>
    private sealed class ScriptedLookup(params JoinedChain?[] answers) : IChainLookup
    {
        public int Lookups { get; private set; }

        public Task<JoinedChain?> FindAsync(WorkflowEvent registered, CancellationToken cancellationToken) => Task.FromResult(answers.ElementAtOrDefault(Lookups++));
    }
}
