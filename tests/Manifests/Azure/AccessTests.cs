using System.Text.Json.Nodes;

using MLEvents.Events;
using MLEvents.Manifests.Components;

namespace MLEvents.Manifests.Azure;

/// <summary>Checks what the apps of deploy/container-apps may access.</summary>
public sealed class AccessTests
{
    private const string ContainerApps = "deploy/container-apps/main.bicep";

    [Theory]
    [InlineData("statestore")]
    [InlineData("replays")]
    public async Task All_services_but_the_dashboard_can_use_the_state_store_and_the_store_of_forced_replays(string name)
    {
        var store = Assert.Single(await ResourcesAsync("Microsoft.App/managedEnvironments/daprComponents"), resource => $"{resource["name"]}".Contains($"'{name}'", StringComparison.Ordinal));

        // The variable contains the ingress and all services that act, but not the dashboard.
        Assert.Equal("[variables('apps')]", (string?)store["properties"]?["scopes"]);
    }

    [Theory]
    [InlineData("replays")]
    [InlineData("chains")]
    public async Task The_services_share_the_keys_of_forced_replays_and_chains(string name)
    {
        var store = Assert.Single(await ResourcesAsync("Microsoft.App/managedEnvironments/daprComponents"), resource => $"{resource["name"]}".Contains($"'{name}'", StringComparison.Ordinal));

        Assert.Equal("name", (string?)Assert.Single(store["properties"]?["metadata"]?.AsArray() ?? [], item => (string?)item?["name"] == "keyPrefix")?["value"]);
    }

    /// <summary>
    /// If calls to a service overlap, daprd can treat a call without an answer as successful. It then acknowledges the message of a single subscription or the event of an input binding.
    /// The ingress gets such messages and events. The other services get messages of single subscriptions only if their bulk subscriptions are switched off.
    /// </summary>
    [Fact]
    public async Task Daprd_makes_one_call_at_a_time_to_an_app_that_gets_single_messages()
    {
        var template = await BicepFile.CompileAsync("deploy/container-apps/modules/app.bicep");
        var app = Assert.Single(BicepFile.Resources(template), resource => (string?)resource["type"] == "Microsoft.App/containerApps");
        var webhook = (await BicepFile.CompileAsync(ContainerApps))["resources"]?["apps"]?["properties"]?["parameters"]?["webhook"]?["value"];

        Assert.Equal("[if(variables('oneCallAtATime'), 1, null())]", (string?)app["properties"]?["configuration"]?["dapr"]?["maxConcurrency"]);
        Assert.Equal(
            "[or(parameters('webhook'), contains(map(parameters('settings'), lambda('setting', toLower(format('{0}={1}', lambdaVariables('setting').name, lambdaVariables('setting').value)))), 'delivery__bulk=false'))]",
            (string?)template["variables"]?["oneCallAtATime"]);
        Assert.Equal("[equals(variables('services')[copyIndex()].name, 'ingress')]", (string?)webhook);
    }

    [Fact]
    public async Task The_network_rules_deny_what_does_not_come_from_the_apps()
    {
        var defaults = new Dictionary<string, string>
        {
            ["Microsoft.Storage/storageAccounts"] = "networkAcls",
            ["Microsoft.KeyVault/vaults"] = "networkAcls",
            ["Microsoft.EventHub/namespaces/networkRuleSets"] = "",
            ["Microsoft.ServiceBus/namespaces/networkRuleSets"] = "",
        };
        foreach (var (type, member) in defaults)
        {
            var resources = (await ResourcesAsync(type)).Where(resource => (bool?)resource["existing"] != true).ToList();

            Assert.NotEmpty(resources);
            Assert.All(resources, resource =>
            {
                var rules = member.Length == 0 ? resource["properties"] : resource["properties"]?[member];
                Assert.Equal("Deny", (string?)rules?["defaultAction"]);
                Assert.Contains("subnetId", $"{rules?["virtualNetworkRules"]}", StringComparison.Ordinal);
            });
        }

        var state = Assert.Single(await ResourcesAsync("Microsoft.DocumentDB/databaseAccounts"), resource => (bool?)resource["existing"] != true)["properties"];
        Assert.True((bool?)state?["isVirtualNetworkFilterEnabled"]);
        Assert.Contains("subnetId", $"{state?["virtualNetworkRules"]}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_network_lets_the_apps_call_only_https_addresses_the_broker_the_event_hub_and_the_mail_server()
    {
        var network = await BicepFile.CompileAsync("deploy/container-apps/modules/network.bicep");
        var group = Assert.Single(BicepFile.Resources(network), resource => (string?)resource["type"] == "Microsoft.Network/networkSecurityGroups");
        var apps = Assert.Single(BicepFile.Resources(network), resource => (string?)resource["type"] == "Microsoft.Network/virtualNetworks")["properties"]?["subnets"]?[0]?["properties"];
        var outgoing = network["variables"]?["outgoing"]?.AsArray().Select(rule => $"{rule?["to"]} {rule?["port"]}");

        Assert.Equal(["Internet 443", "ServiceBus 5671", "EventHub 5671", "Internet [parameters('mailPort')]"], outgoing);
        Assert.Contains("'access', 'Deny', 'protocol', '*', 'sourceAddressPrefix', '*', 'sourcePortRange', '*', 'destinationAddressPrefix', 'Internet'", $"{group["properties"]?["securityRules"]}", StringComparison.Ordinal);
        Assert.Contains("networkSecurityGroups", $"{apps?["networkSecurityGroup"]?["id"]}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_ingress_gets_a_limit_for_the_size_of_messages()
    {
        Assert.Contains("Ingress__MaxMessageBytes", (await BicepFile.CompileAsync(ContainerApps)).ToJsonString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_alert_reports_a_backlog()
    {
        var alert = Assert.Single(await ResourcesAsync("Microsoft.Insights/metricAlerts"))["properties"];

        Assert.Contains("ActiveMessages", $"{alert?["criteria"]}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_template_does_not_set_the_app_token_because_the_platform_sets_it()
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
    public async Task Roles_on_the_database_the_storage_account_and_the_event_hub_are_assigned_per_container_or_hub()
    {
        var scopes = (await ResourcesAsync("Microsoft.Authorization/roleAssignments")).Select(role => $"{role["scope"]}").ToList();
        var state = Assert.Single(await ResourcesAsync("Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments"));

        Assert.Contains("/dbs/mlevents/colls/state", $"{state["properties"]?["scope"]}", StringComparison.Ordinal);
        Assert.Contains("Microsoft.Storage/storageAccounts/blobServices/containers", Assert.Single(scopes, scope => scope.Contains("Microsoft.Storage", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.Contains("Microsoft.EventHub/namespaces/eventhubs", Assert.Single(scopes, scope => scope.Contains("Microsoft.EventHub", StringComparison.Ordinal)), StringComparison.Ordinal);
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
    public async Task The_deployer_gets_the_role_for_autoscale_settings_only_if_the_parameter_deployerAutoscale_is_true()
    {
        var template = await BicepFile.CompileAsync(ContainerApps);
        var module = template["resources"]?["autoscale"];

        Assert.Equal("[parameters('deployerAutoscale')]", (string?)module?["condition"]);
        Assert.Equal((false, "[parameters('workspaceResourceGroup')]"), ((bool?)template["parameters"]?["deployerAutoscale"]?["defaultValue"], (string?)module?["resourceGroup"]));
        Assert.Equal("[variables('services')[3].name]", (string?)module?["properties"]?["parameters"]?["appName"]?["value"]);
        Assert.Equal("deployer", (string?)template["variables"]?["services"]?[3]?["name"]);
    }

    /// <summary>A subscription keeps the messages of its topic until an app reads them. The <c>subscriptionScopes</c> of the pub/sub component list the topics that each app reads.</summary>
    [Fact]
    public async Task Every_subscription_of_a_topic_has_an_app_that_reads_it()
    {
        var broker = await BicepFile.CompileAsync("deploy/container-apps/modules/broker.bicep");
        string[] List(string name) => [.. broker["variables"]?[name]?.AsArray().Select(item => $"{item}") ?? []];
        string[] readers = [.. List("subscribers"), "dashboard"];
        var subscriptions = new Dictionary<string, IEnumerable<(string Topic, string App)>>
        {
            ["eventSubscriptions"] = Pairs(List("eventTopics"), readers),
            ["ingressSubscriptions"] = Pairs(List("storedTopics"), ["ingress"]),
            ["activitySubscriptions"] = Pairs([Topics.WorkflowActivity], readers),
            ["approvalSubscriptions"] = Pairs([Topics.Approvals], List("approvalReaders")),
        };
        var read = TopicNames.Scopes(ComponentFile.Find("azure", Topics.PubSub), "subscriptionScopes").SelectMany(app => Pairs(app.Value, [app.Key]));

        Assert.Equal("[concat(variables('subscribers'), createArray('dashboard'))]", (string?)broker["variables"]?["readers"]);
        Assert.Equal(
            subscriptions.Keys.Order(StringComparer.Ordinal),
            (broker["resources"]?.AsObject() ?? []).Where(resource => (string?)resource.Value?["type"] == "Microsoft.ServiceBus/namespaces/topics/subscriptions").Select(resource => resource.Key).Order(StringComparer.Ordinal));
        Assert.All(subscriptions.Keys, name => Assert.Equal("PT1M", (string?)broker["resources"]?[name]?["properties"]?["lockDuration"]));
        Assert.Equal(read.Order(), subscriptions.Values.SelectMany(pairs => pairs).Order());
    }

    [Fact]
    public async Task Unread_activity_expires_before_it_fills_its_topic()
    {
        var subscription = Assert.Single(
            await ResourcesAsync("Microsoft.ServiceBus/namespaces/topics/subscriptions"), resource => $"{resource["properties"]?["defaultMessageTimeToLive"]}".Contains("activityTimeToLive", StringComparison.Ordinal));
        var parameter = (await BicepFile.CompileAsync("deploy/container-apps/modules/broker.bicep"))["parameters"]?["activityTimeToLive"];

        Assert.Contains("'readers'", $"{subscription["name"]}{subscription["copy"]}", StringComparison.Ordinal);
        Assert.Equal("P2D", (string?)parameter?["defaultValue"]);
    }

    [Fact]
    public async Task The_database_of_the_dashboard_is_not_public_and_its_password_is_in_the_vault()
    {
        var server = Assert.Single(await ResourcesAsync("Microsoft.DBforPostgreSQL/flexibleServers"), resource => (bool?)resource["existing"] != true)["properties"];
        var secret = Assert.Single(await ResourcesAsync("Microsoft.KeyVault/vaults/secrets"), resource => $"{resource["name"]}".Contains("'dashboard-database'", StringComparison.Ordinal));
        var template = (await BicepFile.CompileAsync(ContainerApps))["parameters"];

        Assert.Equal("Disabled", (string?)server?["network"]?["publicNetworkAccess"]);
        Assert.Contains("SSL Mode=VerifyFull", $"{secret["properties"]?["value"]}", StringComparison.Ordinal);
        Assert.Contains("""replace(parameters('password'), '"', '""')""", $"{secret["properties"]?["value"]}", StringComparison.Ordinal);
        Assert.Equal("securestring", (string?)template?["databasePassword"]?["type"], ignoreCase: true);
    }

    [Fact]
    public async Task The_dashboard_has_no_role_on_the_state_of_the_services()
    {
        var role = Assert.Single(await ResourcesAsync("Microsoft.DocumentDB/databaseAccounts/sqlRoleAssignments"));

        Assert.Equal("[not(variables('isDashboard'))]", (string?)role["condition"]);
    }

    [Fact]
    public async Task Rules_are_mounted_read_only()
    {
        var mount = Assert.Single(await ResourcesAsync("Microsoft.App/managedEnvironments/storages"));

        Assert.Equal("ReadOnly", (string?)mount["properties"]?["azureFile"]?["accessMode"]);
    }

    private static IEnumerable<(string Topic, string App)> Pairs(IEnumerable<string> topics, IReadOnlyList<string> apps) => topics.SelectMany(topic => apps.Select(app => (topic, app)));

    private static async Task<List<JsonNode>> ResourcesAsync(string type) =>
        [.. BicepFile.Resources(await BicepFile.CompileAsync(ContainerApps)).Where(resource => (string?)resource["type"] == type)];
}
