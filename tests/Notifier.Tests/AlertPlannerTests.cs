using Dapr.Client;

using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;

using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Ledger.Approvals;
using MLEvents.Notifier.Email;
using MLEvents.Rules;
using MLEvents.Rules.Plans;
using MLEvents.ServiceDefaults;
using MLEvents.Tests.Common;
using MLEvents.Tests.Services;

namespace MLEvents.Notifier.Tests;

public sealed class AlertPlannerTests : IDisposable
{
    private readonly TempFolder _folder = new();
    private readonly StudioOptions _options = new();
    private readonly DaprClient _dapr = new DaprClientBuilder().Build();

    public void Dispose()
    {
        _dapr.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_mail_without_its_own_text_has_the_default_text_with_a_link()
    {
        var run = SampleEvents.Create("RunCompleted", """{"runId":"r1"}""", "experiments/e/runs/r1");

        var mail = Assert.IsType<MailPlan>((await PlanAsync("{ channel: email, to: [ann@example.org] }", run)).Plan("id").Plan);

        Assert.Equal("RunCompleted in ml-local: experiments/e/runs/r1", mail.Subject);
        Assert.Contains(mail.Studio.OriginalString, mail.Text, StringComparison.Ordinal);
        Assert.Equal(["ann@example.org"], mail.To);
    }

    [Fact]
    public async Task Links_lead_to_the_studio_of_the_configured_cloud()
    {
        _options.StudioBase = new Uri("https://studio.ml.azure.cn");

        var plan = Assert.IsType<BindingPlan>((await PlanAsync("{ channel: hook, forward: true }", SampleEvents.Create("RunCompleted", """{"runId":"r1"}"""))).Plan("id").Plan);

        Assert.StartsWith("https://studio.ml.azure.cn/runs/r1", plan.Studio.AbsoluteUri, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_forwarded_event_is_the_unchanged_envelope()
    {
        var run = SampleEvents.Create("RunCompleted", """{ "auc" : 0.90, "id":12345678901234567890 }""");

        var call = Assert.IsType<BindingPlan>((await PlanAsync("{ channel: hook, forward: true }", run)).Plan("id").Plan);

        Assert.Equal(run.Envelope.GetRawText(), call.Data);
    }

    [Fact]
    public async Task The_plan_of_a_mail_names_a_value_that_is_missing_in_the_event_as_a_problem()
    {
        var request = await PlanAsync("{ channel: email, to: [ann@example.org], subject: '{{ data.nothing }}' }", SampleEvents.Create("RunCompleted"));

        Assert.Equal("tell", request.Rule);
        Assert.Contains("data.nothing", request.Plan("id").Plan?.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task With_once_set_to_run_the_deduplication_key_contains_the_run_and_the_thread_is_rendered()
    {
        var run = SampleEvents.Create("RunCompleted", """{"runId":"r1","experimentName":"churn"}""");

        var request = await PlanAsync("{ channel: email, to: [ann@example.org], thread: 'runs of {{ data.experimentName }}' }", run, "once: run");

        Assert.Equal("""run=["r1"]""", request.DeduplicationKey);
        Assert.Equal("runs of churn", Assert.IsType<MailPlan>(request.Plan("id").Plan).Thread);
    }

    private async Task<ActionRequest<AlertPlan>> PlanAsync(string send, WorkflowEvent workflowEvent, string once = "once: event")
    {
        _folder.Write("alerts.yaml", $"""
            alerts:
              - name: tell
                when: {"{ includedEventTypes: [RunCompleted] }"}
                {once}
                send: {send}
            """);
        var rules = new RuleSource<AlertRule>(Options.Create(new RulesOptions { Directory = _folder.Path }), TimeProvider.System, NullLogger<RuleSource<AlertRule>>.Instance);
        var chains = new ChainStore(_dapr, Options.Create(new LedgerOptions()), Options.Create(_options));
        return Assert.Single(await new AlertPlanner(rules, chains, new ApprovalNotices(Options.Create(new ApprovalOptions()), Options.Create(new DashboardLinkOptions())), Options.Create(_options), Options.Create(new MailOptions())).PlanAsync(workflowEvent, TestContext.Current.CancellationToken));
    }
}
