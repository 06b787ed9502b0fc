using System.Diagnostics.Metrics;

using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

using MLEvents.Ledger.Credentials;
using MLEvents.Tests.Services;

namespace MLEvents.Ledger.Tests;

/// <summary>Which action tries a refused credential, and when a refusal is deleted.</summary>
public sealed class CredentialStatesTests : IDisposable
{
    private static readonly CredentialRefused Refusal = new("mail", "the password") { Detail = "535 no" };
    private const string Step = "rule, stage and workspace";
    private readonly FakeTimeProvider _time = new(new(2026, 11, 1, 12, 0, 0, TimeSpan.Zero));
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _services.Dispose();

    [Fact]
    public void One_action_in_each_interval_tries_a_refused_credential()
    {
        var states = States();
        var before = states.FindRefusalOrRecordTry("mail");
        states.Refuse(Refusal, Step);
        var at = states.FindRefusalOrRecordTry("mail");
        _time.Advance(TimeSpan.FromMinutes(1));

        Assert.Null(before);
        Assert.Equal(("the password", "535 no"), (at?.Credential, at?.Reason));
        Assert.Null(states.FindRefusalOrRecordTry("mail"));
        Assert.NotNull(states.FindRefusalOrRecordTry("mail"));
        Assert.Null(states.FindRefusalOrRecordTry("other"));
    }

    [Fact]
    public void All_actions_may_try_an_accepted_credential()
    {
        var states = States();
        states.Refuse(Refusal, Step);

        states.Accept("mail");

        Assert.Null(states.FindRefusalOrRecordTry("mail"));
        Assert.False(states.IsAnyRefused);
        Assert.Empty(states.Current());
    }

    [Fact]
    public void A_refusal_keeps_the_time_of_its_start_and_is_deleted_when_no_action_confirms_it()
    {
        var states = States();
        var began = _time.GetUtcNow();
        for (var minute = 0; minute < 10; minute++)
        {
            states.Refuse(Refusal, Step);
            _time.Advance(TimeSpan.FromMinutes(1));
        }

        Assert.Equal(began, Assert.Single(states.Current()).Since);
        _time.Advance(TimeSpan.FromMinutes(5));
        Assert.Empty(states.Current());
        Assert.False(states.IsAnyRefused);
    }

    [Fact]
    public void The_step_of_a_refused_credential_is_known_until_the_credential_is_accepted_or_forgotten()
    {
        var states = States();
        var before = states.FindKey(Step);
        states.Refuse(Refusal, Step);
        var refused = (states.FindKey(Step), states.FindKey("another step"));
        states.Accept("mail");
        var accepted = states.FindKey(Step);
        states.Refuse(Refusal, Step);
        _time.Advance(TimeSpan.FromMinutes(6));
        states.Current();

        Assert.Equal((null, ("mail", null), null, null), (before, refused, accepted, states.FindKey(Step)));
    }

    [Fact]
    public async Task The_wait_for_a_credential_counts_neither_as_an_attempt_nor_as_time_of_the_action()
    {
        var isRefused = true;
        await using var fixture = await LedgerFixture.StartAsync(
            (record, step) => isRefused ? Refusal : record.Stage.Length == 0 ? new Continue("next", TimeSpan.Zero) : new Succeeded { Detail = $"{record.BegunAt > record.CreatedAt}" }, Token, ("Ledger:CredentialInterval", "00:00:00.1"));
        var happened = SampleEvents.Create("RunCompleted");

        await fixture.Runner.RunAsync(happened, [LedgerFixture.Request()], Token);
        await fixture.RecordAsync(happened, record => record.Blockage is not null && fixture.Work.Steps > 2, Token);
        fixture.Fixture.Service.Expected = log => log.Message.Contains("is refused", StringComparison.Ordinal);
        isRefused = false;
        var end = await fixture.RecordAsync(happened, record => record.IsFinished, Token);

        Assert.Equal((ActionStatus.Succeeded, 1, 0, "True"), (end.Status, end.Attempt, end.Failures, end.Detail));
        Assert.Null(end.Blockage);
        Assert.Equal(["accepted", "running next", "succeeded next", "waiting"], await fixture.Fixture.ChangesAsync(happened, 4, Token));
    }

    private CredentialStates States() => new(
        _services.GetRequiredService<IMeterFactory>(), new LedgerService("tester"), Options.Create(new LedgerOptions()), _time, NullLogger<CredentialStates>.Instance);
}
