using Microsoft.Extensions.Options;

using MLEvents.Notifier.Email;
using MLEvents.Notifier.Outgoing;
using MLEvents.Rules.Plans;
using MLEvents.Tests.Services;

namespace MLEvents.Notifier.Tests.Outgoing;

/// <summary>The allowed targets of alerts.</summary>
public sealed class OutgoingGuardTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("url", "http://169.254.169.254/metadata/instance", "not a public address")]
    [InlineData("url", "http://[::ffff:169.254.169.254]/", "not a public address")]
    [InlineData("url", "http://2852039166/", "not a public address")]
    [InlineData("url", "http://0x7f.1/", "not a public address")]
    [InlineData("url", "http://[fd00::1]/", "not a public address")]
    [InlineData("url", "https://10.1.2.3/", "not a public address")]
    [InlineData("url", "https://localhost./", "not a public address")]
    [InlineData("url", "https://ingress.mlevents.svc/", "not a public address")]
    [InlineData("Host", "metadata.google.internal", "not a public address")]
    [InlineData("host", "127.0.0.1:6379", "not a public address")]
    [InlineData("url", "https://hooks.example.org@10.0.0.1/", "not a public address")]
    [InlineData("url", "https://evil.example/?x=hooks.example.org", "not in Outgoing:Hosts")]
    [InlineData("endpoint", "https://hooks.example.org.evil.example/", "not in Outgoing:Hosts")]
    [InlineData("url", "https:///nowhere", "not an address")]
    [InlineData("path", "//evil.example/x", "leads outside the address")]
    [InlineData("path", "/a/../../b", "leads outside the address")]
    [InlineData("path", "/a/%2e%2e/b", "leads outside the address")]
    [InlineData("path", "\\\\evil.example", "leads outside the address")]
    [InlineData("path", "https://evil.example", "leads outside the address")]
    [InlineData("X-Note", "a\r\nHost: evil.example", "line break")]
    public void Metadata_that_leads_to_another_address_is_refused(string key, string value, string expected)
    {
        var refusal = Guard(hosts: ["hooks.example.org"]).Admit(Call(key, value)).Refusal;

        Assert.Contains(expected, refusal, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("url", "https://hooks.example.org/a?b=c")]
    [InlineData("host", "team.webhook.office.com")]
    [InlineData("path", "/runs/r1?x=https://ml.azure.com")]
    [InlineData("path", "runs/a..b")]
    [InlineData("blobName", "runs/r1.json")]
    [InlineData("link", "https://ml.azure.com/runs/r1")]
    public void Metadata_for_allowed_hosts_and_metadata_without_an_address_are_accepted(string key, string value) =>
        Assert.Null(Guard(hosts: ["hooks.example.org", "*.webhook.office.com"]).Admit(Call(key, value)).Refusal);

    [Fact]
    public void Without_a_list_every_binding_and_mail_domain_is_allowed_but_no_host()
    {
        Assert.NotNull(Guard().Admit(Call("url", "https://hooks.example.org/")).Refusal);
        Assert.Null(Guard().Admit(Call("path", "/x")).Refusal);
        Assert.Null(Guard().Admit(Alerts.Mail).Refusal);
    }

    [Fact]
    public void With_a_list_only_its_bindings_and_mail_domains_are_allowed()
    {
        var guard = Guard(bindings: ["archive"], domains: ["example.com", "*.example.com"]);

        Assert.Contains("Outgoing:Bindings", guard.Admit(Call("path", "/x")).Refusal, StringComparison.Ordinal);
        Assert.Contains("'example.org' is not in Outgoing:MailDomains", guard.Admit(Alerts.Mail).Refusal, StringComparison.Ordinal);
        Assert.Contains("Outgoing:MailDomains", guard.Admit(Alerts.Mail with { To = ["a@example.com"], Bcc = ["Eve <eve@evil.example>"] }).Refusal, StringComparison.Ordinal);
        Assert.Null(guard.Admit(Alerts.Mail with { To = ["Ann <ann@ml.example.com>"], Cc = ["bob@EXAMPLE.com"] }).Refusal);
    }

    [Fact]
    public async Task A_refused_alert_fails_visibly_and_nothing_is_sent()
    {
        await using var fixture = new NotifierFixture("""
            alerts:
              - name: stranger
                when: { subjectEndsWith: /stranger }
                send: { channel: email, to: [eve@evil.example], subject: s, text: t }
              - name: metadata
                when: { subjectEndsWith: /stranger }
                send: { channel: hook, metadata: { url: "{{ data.callback }}" }, forward: true }
            """);
        fixture.Fixture.Settings["Outgoing:MailDomains:0"] = "example.org";
        await fixture.StartAsync(Token);
        var caused = SampleEvents.Create("RunCompleted", """{"callback":"http://169.254.169.254/metadata/identity"}""", "runs/stranger");

        await fixture.Fixture.PublishAsync(caused, Token);
        var mail = await fixture.Fixture.EndOfAsync("stranger", caused, Token);
        var call = await fixture.Fixture.EndOfAsync("metadata", caused, Token);

        Assert.Equal(("failed", "failed"), (mail.Status, call.Status));
        Assert.Equal("a recipient's domain 'evil.example' is not in Outgoing:MailDomains; nothing was sent", mail.Detail);
        Assert.Contains("'169.254.169.254', which is not a public address; nothing was sent", call.Detail, StringComparison.Ordinal);
        Assert.Empty(fixture.Mail.Commands);
        Assert.Empty(fixture.Hooks.All);
    }

    private static OutgoingGuard Guard(string[]? hosts = null, string[]? bindings = null, string[]? domains = null)
    {
        var options = new OutgoingOptions();
        (hosts ?? []).ToList().ForEach(options.Hosts.Add);
        (bindings ?? []).ToList().ForEach(options.Bindings.Add);
        (domains ?? []).ToList().ForEach(options.MailDomains.Add);
        return new OutgoingGuard(new FixedOptions(options), Options.Create(new MailOptions { From = "ML alerts <alerts@example.org>" }));
    }

    private static BindingPlan Call(string key, string value) => new()
    {
        Studio = new Uri("https://ml.azure.com/"),
        Binding = "hook",
        Operation = "create",
        Metadata = new Dictionary<string, string> { [key] = value },
        Data = "{}",
    };

    private sealed class FixedOptions(OutgoingOptions options) : IOptionsMonitor<OutgoingOptions>
    {
        public OutgoingOptions CurrentValue => options;

        public OutgoingOptions Get(string? name) => options;

        public IDisposable? OnChange(Action<OutgoingOptions, string?> listener) => null;
    }
}
