using System.Text.Json.Nodes;

namespace MLEvents.Manifests.Azure;

/// <summary>Checks what the apps of deploy/container-apps may access.</summary>
public sealed class AccessTests
{
    private const string ContainerApps = "deploy/container-apps/main.bicep";

    [Fact]
    public async Task The_ingress_can_use_the_state_store()
    {
        var store = Assert.Single(await ResourcesAsync("Microsoft.App/managedEnvironments/daprComponents"), resource => $"{resource["name"]}".Contains("'statestore'", StringComparison.Ordinal));

        // The same variable as the scopes of pubsub: the ingress and all subscribers.
        Assert.Equal("[variables('apps')]", (string?)store["properties"]?["scopes"]);
    }

    [Fact]
    public async Task The_platform_sets_the_app_token_and_the_template_does_not_replace_it()
    {
        var template = (await BicepFile.CompileAsync(ContainerApps)).ToJsonString();

        Assert.DoesNotContain("APP_API_TOKEN", template, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Roles_on_the_broker_are_assigned_per_topic()
    {
        var roles = await ResourcesAsync("Microsoft.Authorization/roleAssignments");
        var scopes = roles.Select(role => $"{role["scope"]}").ToList();

        Assert.Contains(scopes, scope => scope.Contains("Microsoft.ServiceBus/namespaces/topics", StringComparison.Ordinal));
        Assert.DoesNotContain(scopes, scope => scope.Contains("Microsoft.ServiceBus/namespaces/", StringComparison.Ordinal) && !scope.Contains("/topics", StringComparison.Ordinal));
        Assert.DoesNotContain(scopes, scope => scope.Contains("Microsoft.ServiceBus/namespaces'", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Roles_on_the_vault_are_assigned_per_secret()
    {
        var roles = await ResourcesAsync("Microsoft.Authorization/roleAssignments");
        var vault = roles.Select(role => $"{role["scope"]}").Where(scope => scope.Contains("Microsoft.KeyVault", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(vault);
        Assert.All(vault, scope => Assert.Contains("Microsoft.KeyVault/vaults/secrets", scope, StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_topic_keeps_messages_that_nothing_reads()
    {
        var broker = await BicepFile.CompileAsync("deploy/container-apps/modules/broker.bicep");

        Assert.DoesNotContain("'kept'", broker.ToJsonString(), StringComparison.Ordinal);
    }

    private static async Task<List<JsonNode>> ResourcesAsync(string type) =>
        [.. BicepFile.Resources(await BicepFile.CompileAsync(ContainerApps)).Where(resource => (string?)resource["type"] == type)];
}
