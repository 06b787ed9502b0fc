using Microsoft.Extensions.Options;

using MLEvents.Tests.Common;

namespace MLEvents.Ledger.Tests;

public sealed class LeaseHoldersTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly LedgerService _first = new("tester");
    private readonly LedgerService _second = new("tester");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_lease_of_a_running_process_holds_and_one_of_an_ended_process_does_not()
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
    public void Files_of_processes_that_ended_long_ago_are_removed_at_the_start()
    {
        Create(_second).Dispose();
        var path = Assert.Single(Directory.GetFiles(_folder.Path));
        File.SetLastWriteTimeUtc(path, TimeProvider.System.GetUtcNow().UtcDateTime.AddHours(-2));

        using var own = Create(_first);

        Assert.DoesNotContain(path, Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public void A_directory_that_cannot_be_used_stops_the_start()
    {
        var file = _folder.Write("file", "");

        var exception = Assert.Throws<InvalidOperationException>(() => Create(_first, Path.Combine(file, "instances")));

        Assert.Contains("Ledger:InstanceDirectory", exception.Message, StringComparison.Ordinal);
    }

    private static ActionRecord Leased(string owner, DateTimeOffset now) => LedgerFixture.Record("a") with { LeaseOwner = owner, LeaseUntil = now.AddSeconds(30) };

    private LeaseHolders Create(LedgerService service, string? directory = null) =>
        new(service, Options.Create(new LedgerOptions { InstanceDirectory = directory ?? _folder.Path }), TimeProvider.System);
}
