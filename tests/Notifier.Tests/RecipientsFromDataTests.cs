using MLEvents.Tests.Services;

namespace MLEvents.Notifier.Tests;

/// <summary>Alerts with recipients from the event, and alerts whose templates cannot be rendered.</summary>
public sealed class RecipientsFromDataTests : IAsyncDisposable
{
    private readonly NotifierFixture _fixture = new("""
        alerts:
          - name: owner
            when: { subjectBeginsWith: models/ }
            send: { channel: email, to: ["{{ data.modelTags.owner | default: 'ml-team@example.org' }}"], cc: "{{ data.modelTags.watcher | default: '' }}" }
          - name: broken
            when: { subjectBeginsWith: broken/ }
            send: { channel: email, to: [ops@example.org], subject: "Owner {{ data.owner }}", text: "Run {{ data.runId }}" }
          - name: hook
            when: { subjectBeginsWith: broken/ }
            send: { channel: hook, body: '{"owner":"{{ data.owner }}"}' }
        """);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _fixture.DisposeAsync();

    [Fact]
    public async Task The_owner_of_a_model_gets_its_alert()
    {
        await _fixture.StartAsync(Token);

        await _fixture.Fixture.PublishAsync(SampleEvents.Create("ModelRegistered", """{"modelTags":{"owner":"Ann <ann@example.org>"}}""", "models/a:1"), Token);
        var owned = await _fixture.NextAsync(Token);
        await _fixture.Fixture.PublishAsync(SampleEvents.Create("ModelRegistered", "{}", "models/b:1"), Token);
        var ownerless = await _fixture.NextAsync(Token);

        Assert.Equal(["ann@example.org"], owned.Recipients);
        Assert.Equal(["ml-team@example.org"], ownerless.Recipients);
    }

    [Theory]
    [InlineData("", "the event names a recipient with the domain 'evil.example'; without Outgoing:MailDomains only the domain of Mail:From is allowed")]
    [InlineData("example.org", "a recipient's domain 'evil.example' is not in Outgoing:MailDomains")]
    public async Task A_recipient_whose_domain_is_not_allowed_is_left_out_and_the_detail_of_the_action_names_the_reason(string domains, string reason)
    {
        if (domains.Length > 0)
        {
            _fixture.Fixture.Settings["Outgoing:MailDomains:0"] = domains;
        }

        await _fixture.StartAsync(Token);
        var mixed = SampleEvents.Create("ModelRegistered", """{"modelTags":{"owner":"ann@example.org","watcher":"eve@evil.example"}}""", "models/a:1");
        var foreign = SampleEvents.Create("ModelRegistered", """{"modelTags":{"owner":"eve@evil.example"}}""", "models/b:1");

        await _fixture.Fixture.PublishAsync(mixed, Token);
        await _fixture.Fixture.PublishAsync(foreign, Token);
        var (sent, refused) = (await _fixture.Fixture.EndOfAsync("owner", mixed, Token), await _fixture.Fixture.EndOfAsync("owner", foreign, Token));

        Assert.Equal(["ann@example.org"], (await _fixture.NextAsync(Token)).Recipients);
        Assert.Equal(("succeeded", $"mailed to 1 recipient; {reason}"), (sent.Status, sent.Detail));
        Assert.Equal(("failed", $"{reason}; nothing was sent"), (refused.Status, refused.Detail));
        Assert.False(_fixture.Mail.Mails.TryRead(out _));
    }

    [Fact]
    public async Task An_alert_whose_template_cannot_be_rendered_is_mailed_with_the_default_text_and_the_detail_names_the_reason()
    {
        _fixture.Fixture.Settings["Mail:FallbackTo:0"] = "fallback@example.org";
        await _fixture.StartAsync(Token);
        var caused = SampleEvents.Create("RunCompleted", """{"runId":"r1"}""", "broken/r1");

        await _fixture.Fixture.PublishAsync(caused, Token);
        var mails = new[] { await _fixture.NextAsync(Token), await _fixture.NextAsync(Token) }.ToDictionary(mail => Assert.Single(mail.Recipients));
        var (broken, hook) = (await _fixture.Fixture.EndOfAsync("broken", caused, Token), await _fixture.Fixture.EndOfAsync("hook", caused, Token));
        var text = (await NotifierFixture.ReadAsync(mails["ops@example.org"], Token)).TextBody;

        Assert.Equal("succeeded", broken.Status);
        Assert.StartsWith("mailed to 1 recipient; subject: 'data.owner' has no value", broken.Detail, StringComparison.Ordinal);
        Assert.Contains("RunCompleted: broken/r1", text, StringComparison.Ordinal);
        Assert.Contains("- subject: 'data.owner' has no value", text, StringComparison.Ordinal);
        Assert.StartsWith("mailed to 1 recipient; body: 'data.owner' has no value", hook.Detail, StringComparison.Ordinal);
        Assert.Contains("- body: 'data.owner' has no value", (await NotifierFixture.ReadAsync(mails["fallback@example.org"], Token)).TextBody, StringComparison.Ordinal);
        Assert.Empty(_fixture.Hooks.All);
    }
}
