using System.Text.Json;

using MLEvents.Events;
using MLEvents.Tests.Services;

namespace MLEvents.Ledger.Tests;

public sealed class ActionRecordTests
{
    // A record of version 1. It must be readable as long as such records are stored.
    private const string Stored = """
        {"version":1,"id":"0123456789abcdef0123","service":"retrainer","rule":"churn-on-drift","ruleVersion":"a1b2c3","status":"Running","stage":"job-submitted","attempt":2,
         "correlationId":"c-1","event":{"specversion":"1.0","id":"e-1","source":"/ws","type":"t","subject":"s","data":{"n":1.0}},"plan":{"job":"x"},
         "state":{"jobName":"mlevents-1"},"detail":"busy","links":{"studio":"https://ml.azure.com/runs/1"},"leaseOwner":"o","leaseUntil":"2026-01-01T00:00:30+00:00",
         "dueAt":"2026-01-01T00:00:10+00:00","createdAt":"2026-01-01T00:00:00+00:00","updatedAt":"2026-01-01T00:00:01+00:00","somethingNewer":true}
        """;

    [Fact]
    public void A_stored_record_is_read_even_with_members_of_a_newer_version()
    {
        var record = JsonSerializer.Deserialize<ActionRecord>(Stored, JsonSerializerOptions.Web) ?? throw new JsonException();

        Assert.Equal((1, ActionStatus.Running, "job-submitted", 2), (record.Version, record.Status, record.Stage, record.Attempt));
        Assert.Equal(("mlevents-1", "busy"), (record.State["jobName"], record.Detail));
        Assert.Equal(("e-1", "1.0"), (record.ReadEvent().Id, record.ReadEvent().Data.GetProperty("n").GetRawText()));
        Assert.False(record.IsFinished);
    }

    [Fact]
    public void The_id_of_an_action_is_the_same_in_every_release()
    {
        var workflowEvent = SampleEvents.Create("RunCompleted", id: "e-1");

        Assert.Equal("9d42fc40522b1798cc33", ActionRecord.IdOf("notifier", "r", workflowEvent));
        Assert.NotEqual(ActionRecord.IdOf("notifier", "r", workflowEvent), ActionRecord.IdOf("notifier", "r2", workflowEvent));
        Assert.NotEqual(ActionRecord.IdOf("notifier", "r", workflowEvent), ActionRecord.IdOf("retrainer", "r", workflowEvent));
    }

    [Theory]
    [InlineData("/resourceGroups/", "/resourcegroups/")]
    [InlineData("/ml-local/providers", "/ML-Local/providers")]
    [InlineData("workspaces/ml-local", "workspaces/ml-local/")]
    public void An_id_ignores_the_casing_and_a_trailing_slash_of_the_workspace(string from, string to)
    {
        var workflowEvent = SampleEvents.Create("RunCompleted", id: "e-1");
        var other = workflowEvent with { Source = workflowEvent.Source.Replace(from, to, StringComparison.Ordinal) };

        Assert.NotEqual(workflowEvent.Source, other.Source);
        Assert.Equal(ActionRecord.IdOf("notifier", "r", workflowEvent), ActionRecord.IdOf("notifier", "r", other));
    }

    [Fact]
    public void Actions_have_different_ids_if_a_line_break_is_in_the_source_instead_of_the_event_id()
    {
        var workflowEvent = SampleEvents.Create("RunCompleted", id: "b\nc");

        Assert.NotEqual(
            ActionRecord.IdOf("notifier", "r", workflowEvent with { Source = "a", Id = "b\nc" }), ActionRecord.IdOf("notifier", "r", workflowEvent with { Source = "a\nb", Id = "c" }));
    }

    [Fact]
    public void Events_with_the_same_deduplication_key_have_one_action_for_each_source()
    {
        var (first, second) = (SampleEvents.Create("RunStatusChanged", id: "e-1"), SampleEvents.Create("RunStatusChanged", id: "e-2"));
        const string DeduplicationKey = """run+status=["r","Failed"]""";

        Assert.Equal("b8943efce7495b825df7", ActionRecord.IdOf("notifier", "r", first, DeduplicationKey));
        Assert.Equal(ActionRecord.IdOf("notifier", "r", first, DeduplicationKey), ActionRecord.IdOf("notifier", "r", second, DeduplicationKey));
        Assert.NotEqual(ActionRecord.IdOf("notifier", "r", first, DeduplicationKey), ActionRecord.IdOf("notifier", "r", first with { Source = "/other" }, DeduplicationKey));
        Assert.NotEqual(ActionRecord.IdOf("notifier", "r", first, "e-1"), ActionRecord.IdOf("notifier", "r", first));
    }

    [Fact]
    public void The_tags_of_an_action_name_its_chain_its_id_its_rule_and_its_path()
    {
        var record = JsonSerializer.Deserialize<ActionRecord>(Stored, JsonSerializerOptions.Web) ?? throw new JsonException();

        Assert.Equal(
            new Dictionary<string, string> { ["mlevents.correlation"] = "c-1", ["mlevents.action"] = "0123456789abcdef0123", ["mlevents.rule"] = "churn-on-drift", ["mlevents.path"] = Lineage.KeyOf(record.Service, "churn-on-drift") },
            record.ToTags());
    }

    [Fact]
    public void The_error_about_an_unreadable_event_names_the_record()
    {
        var record = JsonSerializer.Deserialize<ActionRecord>(Stored.Replace("\"source\":\"/ws\",", "", StringComparison.Ordinal), JsonSerializerOptions.Web) ?? throw new JsonException();

        var error = Assert.Throws<InvalidOperationException>(record.ReadEvent);

        Assert.Contains("0123456789abcdef0123", error.Message, StringComparison.Ordinal);
    }
}
