using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Rules;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Notifier.Tests;

public sealed class AlertPlannerTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly NotifierOptions _options = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void A_mail_without_a_text_of_its_own_says_what_happened_and_where_to_look()
    {
        var run = SampleEvents.Of("RunCompleted", """{"runId":"r1"}""", "experiments/e/runs/r1");

        var mail = Assert.IsType<MailPlan>(AlertPlan.Read(Plan("{ channel: email, to: [ann@example.org] }", run).Plan));

        Assert.Equal("RunCompleted in ml-local: experiments/e/runs/r1", mail.Subject);
        Assert.Contains(mail.Studio.OriginalString, mail.Text, StringComparison.Ordinal);
        Assert.Equal(["ann@example.org"], mail.To);
    }

    [Fact]
    public void Links_lead_to_the_studio_of_the_cloud_that_is_set()
    {
        _options.StudioBase = new Uri("https://studio.ml.azure.cn");

        var plan = AlertPlan.Read(Plan("{ channel: hook, forward: true }", SampleEvents.Of("RunCompleted", """{"runId":"r1"}""")).Plan);

        Assert.StartsWith("https://studio.ml.azure.cn/runs/r1", plan.Studio.AbsoluteUri, StringComparison.Ordinal);
    }

    [Fact]
    public void A_forwarded_event_is_its_envelope_to_the_letter()
    {
        var run = SampleEvents.Of("RunCompleted", """{ "auc" : 0.90, "id":12345678901234567890 }""");

        var call = Assert.IsType<BindingPlan>(AlertPlan.Read(Plan("{ channel: hook, forward: true }", run).Plan));

        Assert.Equal(run.Envelope.GetRawText(), call.Data);
    }

    [Fact]
    public void A_value_that_the_event_does_not_have_is_a_fault_that_names_it()
    {
        var request = Plan("{ channel: email, to: [ann@example.org], subject: '{{ data.nothing }}' }", SampleEvents.Of("RunCompleted"));

        Assert.Equal("tell", request.Rule);
        Assert.Contains("data.nothing", request.Fault, StringComparison.Ordinal);
    }

    [Fact]
    public void A_rule_that_is_once_per_run_names_the_run_as_its_occasion_and_a_thread_is_rendered()
    {
        var run = SampleEvents.Of("RunCompleted", """{"runId":"r1","experimentName":"churn"}""");

        var request = Plan("{ channel: email, to: [ann@example.org], thread: 'runs of {{ data.experimentName }}' }", run, "once: run");

        Assert.Equal("""run=["r1"]""", request.DeduplicationKey);
        Assert.Equal("runs of churn", Assert.IsType<MailPlan>(AlertPlan.Read(request.Plan)).Thread);
    }

    private ActionRequest Plan(string send, WorkflowEvent workflowEvent, string once = "once: event")
    {
        var rules = RuleLoader.LoadAlerts(_folder.Write("alerts.yaml", $"""
            alerts:
              - name: tell
                when: {"{ includedEventTypes: [RunCompleted] }"}
                {once}
                send: {send}
            """));
        return new AlertPlanner(Options.Create(_options)).Plan(Assert.Single(rules.Rules), rules.Version, workflowEvent, []);
    }
}
