namespace MLEvents.Local.Verify.Tests;

public sealed class ScheduleTests
{
    private static readonly VerificationOptions Options = new(Seed: 7, Events: 500, Kills: 30, TimeSpan.FromSeconds(2), Replicas: 2, "unused", TimeSpan.FromMinutes(1));

    [Fact]
    public void The_same_seed_repeats_the_faults_and_another_seed_does_not()
    {
        Assert.Equal(FaultPlan.Create(Options), FaultPlan.Create(Options));
        Assert.NotEqual(FaultPlan.Create(Options), FaultPlan.Create(Options with { Seed = 8 }));
    }

    [Fact]
    public void The_same_seed_creates_the_same_events_in_the_same_order_with_the_same_repetitions()
    {
        var first = VerificationEvents.Generate(Options);
        var second = VerificationEvents.Generate(Options);

        Assert.Equal(first.Expected, second.Expected);
        Assert.Equal(first.Deliveries.Select(batch => batch.ToJsonString()), second.Deliveries.Select(batch => batch.ToJsonString()));
    }

    [Fact]
    public void Every_event_is_delivered_and_some_events_are_repeated_and_out_of_order()
    {
        var ids = VerificationEvents.Generate(Options).Deliveries.SelectMany(batch => batch).Select(one => (string?)one?["id"] ?? "").ToList();

        Assert.Equal(Options.Events, ids.Distinct().Count());
        Assert.True(ids.Count > Options.Events * 1.1, $"{ids.Count} deliveries");
        Assert.NotEqual(ids.Order(), ids);
    }

    [Fact]
    public void The_schedule_has_the_requested_number_of_kills_and_one_outage_of_each_kind()
    {
        var kinds = FaultPlan.Create(Options).CountBy(fault => fault.Kind).ToDictionary();

        Assert.Equal(new Dictionary<FaultKind, int> { [FaultKind.Kill] = 30, [FaultKind.MailDown] = 1, [FaultKind.DiskFull] = 1, [FaultKind.RollingRestart] = 1 }, kinds);
    }

    [Fact]
    public void A_missing_or_duplicate_effect_fails_the_verification_and_a_reported_duplicate_does_not()
    {
        Assert.True(new VerificationRow("mails", 10, 10, 0, 0).Passed);
        Assert.True(new VerificationRow("mails", 10, 10, 1, 1).Passed);
        Assert.False(new VerificationRow("mails", 10, 10, 1, 0).Passed);
        Assert.False(new VerificationRow("mails", 10, 9, 0, 0).Passed);
        Assert.False(new VerificationRow("mails", 10, 11, 0, 0).Passed);
        Assert.Equal(1, new VerificationRow("mails", 10, 9, 0, 0).Lost);
    }
}
