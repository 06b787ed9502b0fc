using MLEvents.Events;
using MLEvents.Rules.Plans;
using MLEvents.Rules.SubscriptionFilters;
using MLEvents.Tests.Common;

namespace MLEvents.Rules.Tests;

/// <summary>Rules for events about actions of the services: <c>includedEventTypes: [ActionChanged]</c>.</summary>
public sealed class ActionEventTests
{
    private const string Failed = """
        alerts:
          - name: failed
            when:
              includedEventTypes: [ActionChanged]
              advancedFilters: [{ operatorType: StringIn, key: data.status, values: [failed] }]
            send: { channel: email, to: ml@example.com }
          - name: all
            when: {}
            send: { channel: email, to: ml@example.com }
        """;

    [Fact]
    public void Only_a_rule_that_names_the_type_ActionChanged_matches_events_of_this_type()
    {
        var rules = Alerts(Failed);

        Assert.True(rules.NamesActions);
        Assert.Equal(["failed"], rules.Matching(Changed("failed")).Select(rule => rule.Name));
        Assert.Empty(rules.Matching(Changed("succeeded")));
        Assert.Equal(["all"], rules.Matching(TestData.Event()).Select(rule => rule.Name));
        Assert.Contains("which a rule must name", rules.Rules[1].When.Explain(Changed("failed")).ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_rule_that_names_All_and_ActionChanged_matches_events_of_every_type()
    {
        var rules = Alerts("""
            alerts:
              - name: everything
                when: { includedEventTypes: [All, ActionChanged] }
                send: { channel: email, to: ml@example.com }
            """);

        Assert.True(rules.NamesActions);
        Assert.Single(rules.Matching(Changed("failed")));
        Assert.Single(rules.Matching(TestData.Event()));
    }

    [Fact]
    public void A_rule_that_names_ActionChanged_in_one_of_many_alternatives_matches_events_of_this_type()
    {
        var others = string.Join(", ", Enumerable.Range(0, 100).Select(number => $"{{ subjectBeginsWith: other{number} }}"));
        var rules = Alerts($$"""
            alerts:
              - name: many
                when: { any: [{ includedEventTypes: [ActionChanged] }, {{others}}] }
                send: { channel: email, to: ml@example.com }
            """);

        Assert.Single(rules.Matching(Changed("failed")));
    }

    [Fact]
    public void A_rule_acts_once_for_each_status_in_each_generation_of_an_action()
    {
        var rule = Alerts(Failed).Rules[0];

        Assert.Equal(rule.DeduplicationKeyOf(Changed("failed")), rule.DeduplicationKeyOf(Changed("failed", stage: "traffic", attempt: 3)));
        Assert.NotEqual(rule.DeduplicationKeyOf(Changed("failed")), rule.DeduplicationKeyOf(Changed("succeeded")));
        Assert.NotEqual(rule.DeduplicationKeyOf(Changed("failed")), rule.DeduplicationKeyOf(Changed("failed", generation: 1)));
    }

    [Fact]
    public void The_default_mail_names_the_action_the_rule_and_the_reason()
    {
        var mail = Assert.IsType<MailPlan>(AlertPlans.Create(Alerts(Failed).Rules[0], Changed("failed"), []).Plan);

        Assert.Equal("retrainer: churn-on-drift is failed", mail.Subject);
        Assert.StartsWith("""
            retrainer, rule churn-on-drift: action 0123456789abcdef0123 is failed
            quota exceeded
            Caused by Microsoft.MachineLearningServices.DatasetDriftDetected: datadrift/m1
            Workspace: ml-local
            """, mail.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void Templates_can_read_the_action_its_links_and_the_event_that_caused_the_action()
    {
        const string Template = "{{ action.service }}/{{ action.rule }}/{{ action.stage }}/{{ action.attempt }}/{{ action.generation }}/{{ action.links.job }}/{{ action.event.id }}/{{ correlationId }}/{{ workspace.name }}/{{ eventType }}";
        var rules = Alerts(Failed.Replace("to: ml@example.com }", $"to: ml@example.com, subject: \"{Template}\" }}", StringComparison.Ordinal));

        var mail = Assert.IsType<MailPlan>(AlertPlans.Create(rules.Rules[0], Changed("failed"), []).Plan);

        Assert.Equal("retrainer/churn-on-drift/job-submitted/1/0/https://ml.azure.com/runs/r/drift-1/chain-1/ml-local/ActionChanged", mail.Subject);
    }

    [Fact]
    public void An_unknown_member_of_action_is_an_error_of_the_file()
    {
        var exception = Assert.Throws<RuleFileException>(() => Alerts(Failed.Replace("to: ml@example.com }", "to: ml@example.com, subject: \"{{ action.reason }}\" }", StringComparison.Ordinal)));

        Assert.Contains("reason", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_training_after_an_action_runs_in_the_workspace_of_the_event_that_caused_the_action()
    {
        using var folder = new TempFolder();
        folder.Write("job.yaml", "command: python train.py\nenvironment: azureml:e:1\ncompute: azureml:cpu\n");
        var rule = RuleLoader.LoadRetraining(folder.Write("retraining.yaml", """
            retraining:
              - name: next
                when: { includedEventTypes: [ActionChanged] }
                run: { job: job.yaml, displayName: "after {{ action.rule }}" }
            """)).Rules[0];

        var job = Assert.IsType<JobPlan>(RetrainingPlans.Create(rule, Changed("succeeded")).Plan);

        Assert.Equal((TestData.Workspace, "after churn-on-drift"), (job.WorkspaceId, (string?)job.Job["displayName"]));
    }

    [Fact]
    public void The_subscription_filter_leaves_out_events_that_the_services_raise()
    {
        using var folder = new TempFolder();
        var rules = RuleLoader.LoadAlerts(folder.Write("alerts.yaml", """
            alerts:
              - name: both
                when: { includedEventTypes: [ActionChanged, RunCompleted] }
                send: { channel: email, to: ml@example.com }
              - name: own
                when: { includedEventTypes: [MLEvents.ActionChanged] }
                send: { channel: email, to: ml@example.com }
            """)).Rules;

        Assert.Equal("""["Microsoft.MachineLearningServices.RunCompleted"]""", SubscriptionFilter.Create(rules)?["includedEventTypes"]?.ToJsonString());
        Assert.Null(SubscriptionFilter.Create([rules[1]]));
    }

    private static RuleSet<AlertRule> Alerts(string yaml)
    {
        using var folder = new TempFolder();
        return RuleLoader.LoadAlerts(folder.Write("alerts.yaml", yaml));
    }

    private static WorkflowEvent Changed(string status, string stage = "job-submitted", int attempt = 1, int generation = 0) => TestData.Event(
        $$"""
        { "service": "retrainer", "rule": "churn-on-drift", "actionId": "0123456789abcdef0123", "status": "{{status}}", "stage": "{{stage}}", "attempt": {{attempt}}, "generation": {{generation}},
          "correlationId": "chain-1", "detail": "quota exceeded", "links": { "job": "https://ml.azure.com/runs/r" },
          "event": { "id": "drift-1", "type": "Microsoft.MachineLearningServices.DatasetDriftDetected", "subject": "datadrift/m1", "source": "{{TestData.Workspace}}" } }
        """,
        EventTypes.ActionChanged,
        "actions/0123456789abcdef0123");
}
