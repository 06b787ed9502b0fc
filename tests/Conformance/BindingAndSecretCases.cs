using System.Net;
using System.Text.Json;

namespace MLEvents.Conformance;

/// <summary>Behaviour that the notifier and the ingress need: bindings, and components with secrets.</summary>
public abstract class BindingAndSecretCases<TRuntime> : Cases<TRuntime>
    where TRuntime : IRuntime, new()
{
    private readonly string _secret = $"CONFORMANCE_{Guid.NewGuid():N}";

    [Fact]
    public async Task A_webhook_is_called_at_an_address_from_a_secret()
    {
        await using var target = await FakeApp.StartAsync();
        await using var dapr = await StartAsync(Setup() with { Resources = Webhook($"http://127.0.0.1:{target.Port}/hook") });

        using var body = Body("""{"operation":"post","data":{"text":"hi"}}""");
        using var answer = await dapr.Http.PostAsync(At("/v1.0/bindings/webhook"), body, Token);
        var call = (await target.WaitForAsync(1))[0];

        Assert.True(answer.IsSuccessStatusCode);
        Assert.Equal(("POST /hook", """{"text":"hi"}"""), (call.Line, call.Body));
    }

    [Fact]
    public async Task A_call_fails_if_the_webhook_refuses_it()
    {
        await using var target = await FakeApp.StartAsync(configure: app => app.Answer = (_, _) => Task.FromResult((500, "no")));
        await using var dapr = await StartAsync(Setup() with { Resources = Webhook($"http://127.0.0.1:{target.Port}/hook") });

        using var answer = await dapr.Http.PostAsync(At("/v1.0/bindings/webhook"), Body("""{"operation":"post","data":1}"""), Token);

        Assert.Equal(HttpStatusCode.InternalServerError, answer.StatusCode);
    }

    [Fact]
    public async Task A_file_is_written_under_its_name()
    {
        var root = Path.Combine(Folder, "archive");
        await using var dapr = await StartAsync(Setup() with { Resources = Yaml.Component("archive", "bindings.localstorage", $"rootPath: {root}") });

        using var answer = await dapr.Http.PostAsync(At("/v1.0/bindings/archive"), Body("""{"operation":"create","data":{"a":1},"metadata":{"fileName":"e1.json"}}"""), Token);

        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Token));
        Assert.Equal("""{"a":1}""", await File.ReadAllTextAsync(Path.Combine(root, "e1.json"), Token));
    }

    [Fact]
    public async Task A_secret_of_the_environment_can_be_read()
    {
        Environment.SetEnvironmentVariable(_secret, "s3cret");
        await using var dapr = await StartAsync(Setup() with { Resources = Yaml.Component("secretstore", "secretstores.local.env") });

        using var answer = await dapr.Http.GetAsync(At($"/v1.0/secrets/secretstore/{_secret}"), Token);

        using var secret = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Token));
        Assert.Equal("s3cret", secret.RootElement.GetProperty(_secret).GetString());
    }

    private string Webhook(string address)
    {
        Environment.SetEnvironmentVariable(_secret, address);
        return Yaml.Component("secretstore", "secretstores.local.env") + $$"""
            apiVersion: dapr.io/v1alpha1
            kind: Component
            metadata: { name: webhook }
            spec:
              type: bindings.http
              version: v1
              metadata: [{ name: url, secretKeyRef: { name: {{_secret}}, key: {{_secret}} } }]
            auth: { secretStore: secretstore }
            ---

            """;
    }
}

public sealed class BindingAndSecretOnEmbedded : BindingAndSecretCases<EmbeddedSidecar>;

public sealed class BindingAndSecretOnDaprd : BindingAndSecretCases<Daprd>;
