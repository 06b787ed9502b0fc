using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

using MLEvents.Tests.Common;

namespace MLEvents.Ledger.Tests;

public sealed class LeaseHoldersTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(TimeProvider.System.GetUtcNow());
    private readonly TempFolder _folder = new();
    private readonly LedgerService _first = new("tester");
    private readonly LedgerService _second = new("tester");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_lease_holds_while_its_process_runs_and_does_not_hold_after_its_process_ended()
    {
        using var own = Create(_first);
        var now = TimeProvider.System.GetUtcNow();
        var record = Leased(_second.NewOwner(), now);
        var other = Create(_second);

        Assert.Equal(record.LeaseUntil, own.NotBefore(record, "me", now));
        Assert.False(own.FindEnded());
        other.Dispose();

        Assert.Null(own.NotBefore(record, "me", now));
        Assert.True(own.FindEnded());
        Assert.False(own.FindEnded());
    }

    [Fact]
    public void An_action_that_waits_does_not_become_due_when_its_holder_ends()
    {
        using var own = Create(_first);
        Create(_second).Dispose();
        var now = TimeProvider.System.GetUtcNow();
        var record = Leased(_second.NewOwner(), now) with { DueAt = now.AddMinutes(5) };

        Assert.Equal(record.DueAt, own.NotBefore(record, "me", now));
    }

    [Theory]
    [InlineData("tester-unknown000000-1")]
    [InlineData("a newer version of the service")]
    [InlineData("-")]
    public void An_unknown_holder_counts_as_running(string owner)
    {
        using var own = Create(_first);

        Assert.False(own.IsHeldByEnded(Leased(owner, TimeProvider.System.GetUtcNow())));
    }

    [Fact]
    public void A_file_of_another_machine_is_ignored()
    {
        using var own = Create(_first);
        _folder.Write($"{_second.Instance}@another-machine.lock", "");

        Assert.False(own.IsHeldByEnded(Leased(_second.NewOwner(), TimeProvider.System.GetUtcNow())));
        Assert.False(own.FindEnded());
    }

    [Fact]
    public void A_process_that_ran_for_hours_and_ended_just_before_the_start_counts_as_ended()
    {
        using var witness = Create(new LedgerService("tester"));
        var crashed = Create(_second);
        _time.Advance(TimeSpan.FromHours(5));
        var record = Leased(_second.NewOwner(), _time.GetUtcNow());
        crashed.Dispose();

        using var own = Create(_first);

        Assert.True(own.IsHeldByEnded(record));
        Assert.True(witness.IsHeldByEnded(record));
    }

    [Fact]
    public void The_file_of_an_ended_process_is_removed_an_hour_after_the_first_start_that_found_it()
    {
        Create(_second).Dispose();
        var path = Assert.Single(Directory.GetFiles(_folder.Path));

        Create(new LedgerService("tester")).Dispose();
        _time.Advance(TimeSpan.FromMinutes(59));
        Create(new LedgerService("tester")).Dispose();
        Assert.Contains(path, Directory.GetFiles(_folder.Path));

        _time.Advance(TimeSpan.FromMinutes(2));
        using var own = Create(_first);
        Assert.DoesNotContain(path, Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void The_file_of_a_running_process_is_never_removed()
    {
        using var running = Create(_second);
        var path = Assert.Single(Directory.GetFiles(_folder.Path));

        Create(new LedgerService("tester")).Dispose();
        _time.Advance(TimeSpan.FromHours(5));
        using var own = Create(_first);

        Assert.Contains(path, Directory.GetFiles(_folder.Path));
        Assert.False(own.IsHeldByEnded(Leased(_second.NewOwner(), _time.GetUtcNow())));
    }

    [Fact]
    public async Task Processes_that_start_at_the_same_time_remove_the_same_files_without_an_error()
    {
        for (var i = 0; i < 20; i++)
        {
            Create(new LedgerService("ended")).Dispose();
        }

        await StartTogetherAsync();
        Assert.Equal(20, Directory.GetFiles(_folder.Path, "ended-*").Length);
        _time.Advance(TimeSpan.FromHours(2));

        await StartTogetherAsync();
        Assert.Empty(Directory.GetFiles(_folder.Path, "ended-*"));
    }

    [Fact]
    public void A_directory_that_cannot_be_used_stops_the_start()
    {
        var file = _folder.Write("file", "");

        var exception = Assert.Throws<InvalidOperationException>(() => Create(_first, Path.Combine(file, "instances")));

        Assert.Contains("Ledger:InstanceDirectory", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_error_about_a_directory_contains_the_reason_with_one_full_stop()
    {
        // The message of this exception ends with a full stop.
        var file = _folder.Write("file", "");

        var exception = Assert.Throws<InvalidOperationException>(() => Create(_first, file));

        Assert.Matches(@"cannot be written: .+[^.]\. Name a directory on a local disk", exception.Message);
    }

    private static ActionRecord Leased(string owner, DateTimeOffset now) => LedgerFixture.Record("a") with { LeaseOwner = owner, LeaseUntil = now.AddSeconds(30) };

    private Task StartTogetherAsync() =>
        Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Create(new LedgerService("tester")).Dispose(), TestContext.Current.CancellationToken)));

    private LeaseHolders Create(LedgerService service, string? directory = null) =>
        new(service, Options.Create(new LedgerOptions { InstanceDirectory = directory ?? _folder.Path }), _time);
}
