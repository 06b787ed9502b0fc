using MLEvents.Events;
using MLEvents.Rules.Plans;
using MLEvents.Rules.Templates;
using MLEvents.Tests.Common;

namespace MLEvents.Rules.Tests;

/// <summary>The stored data of a chain of events, and the values that templates can read from it.</summary>
public sealed class EventChainTests
{
    private const string Loop = "{% for step in previous %}{{ step.eventType }} {{ step.status | default: '-' }} {{ step.time }} {{ step.subject }} {{ step.id }} {{ step.source }} {{ step.type }} {{ step.studioUrl }}{% endfor %}";

    [Fact]
    public void Events_are_in_the_order_in_which_they_happened_regardless_of_their_arrival()
    {
        var chain = Chain(At(3), At(1), At(2));

        Assert.Equal(["e1", "e2", "e3"], chain.Events.Select(one => one.Id));
        Assert.Equal(["e1"], chain.Before(At(2)).Select(one => one.Id));
        Assert.Equal(["e1", "e2", "e3"], chain.Before(At(9)).Select(one => one.Id));
    }

    [Fact]
    public void Two_events_with_the_same_time_have_a_fixed_order()
    {
        var (one, other) = (At(1) with { Id = "a" }, At(1) with { Id = "b" });

        Assert.Equal((0, 1), (Chain(one, other).Before(one).Count, Chain(one, other).Before(other).Count));
        Assert.Equal(Chain(one, other).Events, Chain(other, one).Events);
    }

    [Fact]
    public void The_same_event_is_not_added_again_but_an_event_with_the_same_id_from_another_source_is_added()
    {
        Assert.Null(Chain(At(1)).With(At(1)));
        Assert.Equal(2, Chain(At(1), At(1) with { Source = "/elsewhere" }).Events.Count);
    }

    [Fact]
    public void An_event_is_the_same_if_its_source_differs_only_in_casing_or_in_a_trailing_slash()
    {
        var spelled = At(1) with { Source = TestData.Workspace.ToUpperInvariant() + "/" };

        Assert.Null(Chain(At(1)).With(spelled));
        Assert.Empty(Chain(At(1)).Before(spelled));
        Assert.Empty(Chain(At(1)).Before(spelled with { Time = null }));
    }

    [Fact]
    public void A_full_chain_drops_its_oldest_event_for_a_newer_event_and_does_not_add_an_older_event()
    {
        var full = Chain([.. Enumerable.Range(1, EventChain.MaxEvents).Select(At)]);

        Assert.Equal("e2", full.With(At(EventChain.MaxEvents + 1))?.Events[0].Id);
        Assert.Null(full.With(At(0)));
    }

    [Fact]
    public void All_events_come_before_an_event_without_a_time() =>
        Assert.Equal(["timeless", "e5"], Chain(At(5), At(1) with { Id = "timeless", Time = null }).Before(At(1) with { Id = "other", Time = null }).Select(one => one.Id));

    [Fact]
    public void The_stored_texts_of_an_event_are_cut()
    {
        var remembered = ChainEvent.From(TestData.Event(subject: new string('x', 1023) + "\U0001F600" + new string('y', 100_000)));

        Assert.Equal(new string('x', 1023), remembered.Subject);
    }

    [Fact]
    public void Templates_read_the_stored_events_of_a_chain()
    {
        var drift = TestData.Event("""{"runId":"r1"}""", EventTypes.DatasetDriftDetected, "drift") with { Id = "d" };
        var failed = TestData.Event("""{"runStatus":"Failed"}""", EventTypes.RunStatusChanged, "run") with { Id = "f", Source = "/elsewhere", Time = null };

        Assert.Equal($"DatasetDriftDetected - 2026-03-04T05:06:07Z drift d {TestData.Workspace} {EventTypes.DatasetDriftDetected} https://ml.azure.com/runs/r1?wsid={TestData.ShortWorkspace}", Text(Loop, ChainEvent.From(drift)));
        Assert.Equal("RunStatusChanged Failed - https://ml.azure.com/", Text("{% for step in previous %}{{ step.eventType }} {{ step.status }} {{ step.time | default: '-' }} {{ step.studioUrl }}{% endfor %}", ChainEvent.From(failed)));
        Assert.Equal("0", Text("{{ previous | size }}{% for step in previous %}{{ step.id }}{% endfor %}"));
    }

    [Theory]
    [InlineData("subject: '{{ previous | size }}'", true)]
    [InlineData("text: '{% for step in previous %}{{ step.id }}{% endfor %}'", true)]
    [InlineData("html: '{% if previous.size > 2 %}long{% endif %}'", true)]
    [InlineData("thread: '{{ previous.first.id | default: id }}'", true)]
    [InlineData("textFile: chain.liquid", true)]
    [InlineData("text: 'previous {{ data.previous }} {% assign x = \"previous\" %}{{ x }} {% comment %}{{ previous }}{% endcomment %}'", false)]
    [InlineData("text: '{{ id }}'", false)]
    public void The_use_of_previous_in_a_mail_is_recognized(string part, bool looksBack) =>
        Assert.Equal(looksBack, Load($"{{ channel: email, to: a@example.com, {part} }}").Send.UsesPrevious);

    [Theory]
    [InlineData("body: '{\"n\":{{ previous | size }}}'", true)]
    [InlineData("metadata: { n: '{{ previous | size }}' }, body: '{}'", true)]
    [InlineData("metadata: { n: '{{ id }}' }, forward: true", false)]
    public void The_use_of_previous_in_a_binding_call_is_recognized(string part, bool looksBack) =>
        Assert.Equal(looksBack, Load($"{{ channel: hook, {part} }}").Send.UsesPrevious);

    [Theory]
    [InlineData("{% for step in previous %}{{ step.subjekt }}{% endfor %}", "unknown variable 'step.subjekt'; did you mean 'subject'?")]
    [InlineData("{% for step in previous %}{% for step in data.list %}{{ step.anything }}{% endfor %}{{ step.stats }}{% endfor %}", "unknown variable 'step.stats'; did you mean 'status'?")]
    public void An_unknown_member_of_an_earlier_event_is_refused(string template, string message) =>
        Assert.Equal(message, Assert.Throws<TemplateException>(() => Template.Parse(template, TemplateTarget.Text, [TemplateModel.PreviousRoot])).Message);

    [Fact]
    public void Only_alerts_can_use_previous() =>
        Assert.Equal("unknown variable 'previous'", Assert.Throws<TemplateException>(() => Template.Parse("{{ previous | size }}", TemplateTarget.Text)).Message);

    private static string Text(string template, params ChainEvent[] previous)
    {
        var rule = Load("{ channel: email, to: a@example.com, textFile: chain.liquid }", template);
        var planned = AlertPlans.Create(rule, TestData.Event(), previous);
        return planned.Plan is MailPlan mail ? mail.Text : throw new InvalidOperationException(planned.Fault);
    }

    private static AlertRule Load(string send, string file = "{% for step in previous %}{{ step.id }}{% endfor %}")
    {
        using var folder = new TempFolder();
        folder.Write("chain.liquid", file);
        return RuleLoader.LoadAlerts(folder.Write("alerts.yaml", $"alerts:\n  - name: rule\n    when: {{}}\n    send: {send}\n")).Rules.Single();
    }

    private static EventChain Chain(params ChainEvent[] events) => events.Aggregate(new EventChain(), (chain, one) => chain.With(one) ?? throw new InvalidOperationException("The chain already contains the event."));

    private static ChainEvent At(int minute) => ChainEvent.From(TestData.Event() with { Id = $"e{minute}", Time = DateTimeOffset.UnixEpoch.AddMinutes(minute) });
}
