using MLEvents.Manifests.Components;

namespace MLEvents.Manifests.Azure;

public sealed class BicepTests
{
    private const string ContainerApps = "deploy/container-apps/main.bicep";
    private const string EventGrid = "deploy/event-grid/main.bicep";

    [Theory]
    [InlineData(ContainerApps)]
    [InlineData(EventGrid)]
    public async Task Compiler_and_linter_report_no_warnings(string file)
    {
        var linted = await BicepFile.RunAsync("lint", file);

        Assert.Equal((0, "", ""), (linted.ExitCode, linted.Output.Trim(), linted.Error.Trim()));
    }

    [Theory]
    [InlineData("deploy/container-apps")]
    [InlineData("deploy/event-grid")]
    public void Every_module_is_referenced_by_the_main_file(string folder)
    {
        var files = Directory.EnumerateFiles(Repository.PathOf(folder, "modules")).Select(file => $"'modules/{Path.GetFileName(file)}'");

        Assert.All(files, file => Assert.Contains(file, File.ReadAllText(Repository.PathOf(folder, "main.bicep")), StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_linter_also_checks_modules()
    {
        using var folder = new TempFolder();
        folder.Write("inner.bicep", "param unused string\n");
        var linted = await BicepFile.RunAsync("lint", folder.Write("outer.bicep", "module inner 'inner.bicep' = { params: { unused: '' } }\n"));

        Assert.Contains("no-unused-params", linted.Output + linted.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Container_apps_and_cluster_have_components_of_the_same_types()
    {
        var components = BicepFile.Resources(await BicepFile.CompileAsync(ContainerApps))
            .Where(resource => (string?)resource["type"] == "Microsoft.App/managedEnvironments/daprComponents")
            .Select(resource => (string?)resource["properties"]?["componentType"]);
        var cluster = ComponentFile.In("azure").Where(file => file.Kind == "Component").Select(file => file.Type);

        Assert.Equal(cluster.Distinct().Order(), components.Distinct().Order());
    }

    [Fact]
    public async Task Container_apps_and_cluster_retry_calls_to_the_same_components()
    {
        var policies = BicepFile.Resources(await BicepFile.CompileAsync(ContainerApps))
            .Where(resource => (string?)resource["type"] == "Microsoft.App/managedEnvironments/daprComponents/resiliencyPolicies" && resource["properties"]?["outboundPolicy"] is not null)
            .Select(resource => (string?)resource["name"] ?? "")
            .ToList();
        var cluster = Assert.Single(ComponentFile.In("azure"), file => file.Kind == "Resiliency").Document["spec"]["targets"]["components"].Map
            .Where(target => target.Value["outbound"].Exists)
            .Select(target => ComponentFile.Find("azure", target.Key));

        // A loop creates the policies of the webhooks. The name of a policy is an ARM expression with the name of its component or, in the loop, with the variable of the webhooks.
        var expected = cluster.Select(file => file.Type == "bindings.http" ? "variables('webhookBindings')" : $"'{file.Component}'").Distinct().ToList();
        Assert.Equal(expected.Count, policies.Count);
        Assert.All(expected, name => Assert.Single(policies, policy => policy.Contains(name, StringComparison.Ordinal)));
    }

    [Fact]
    public async Task The_template_contains_all_topics_of_the_code()
    {
        var variables = (await BicepFile.CompileAsync(ContainerApps)).ToJsonString();

        Assert.All(TopicNames.All, topic => Assert.Contains($"\"{topic}\"", variables, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Every_role_assignment_except_that_for_autoscale_settings_has_a_resource_scope()
    {
        var roles = BicepFile.Resources(await BicepFile.CompileAsync(ContainerApps)).Where(resource => (string?)resource["type"] == "Microsoft.Authorization/roleAssignments").ToList();

        // Autoscale settings are resources of the resource group, so the role to create them is assigned on the group.
        var ofGroup = Assert.Single(roles, role => role["scope"] is null);
        Assert.True(roles.Count > 1);
        Assert.Contains("variables('monitoringContributor')", (string?)ofGroup["properties"]?["roleDefinitionId"], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Only_the_webhook_is_public()
    {
        var resources = BicepFile.Resources(await BicepFile.CompileAsync(ContainerApps)).ToLookup(resource => (string?)resource["type"]);
        var app = Assert.Single(resources["Microsoft.App/containerApps"]);
        var rule = Assert.Single(Assert.Single(resources["Microsoft.App/managedEnvironments/httpRouteConfigs"])["properties"]?["rules"]?.AsArray() ?? []);

        Assert.False((bool?)app["properties"]?["configuration"]?["ingress"]?["external"]);
        Assert.Equal("/events", (string?)Assert.Single(rule?["routes"]?.AsArray() ?? [])?["match"]?["path"]);
        Assert.Equal("ingress", (string?)Assert.Single(rule?["targets"]?.AsArray() ?? [])?["containerApp"]);
    }

    [Fact]
    public async Task Every_app_reads_the_operations_token_from_the_vault()
    {
        var template = await BicepFile.CompileAsync(ContainerApps);
        var app = Assert.Single(BicepFile.Resources(template), resource => (string?)resource["type"] == "Microsoft.App/containerApps");
        var vault = BicepFile.Resources(template).Where(resource => (string?)resource["type"] == "Microsoft.KeyVault/vaults/secrets").Select(resource => $"{resource["name"]}");

        // An ARM expression: every app gets the shared settings before its own settings.
        Assert.StartsWith(
            "[concat(createArray(createObject('name', 'Operations__Token', 'secret', 'operations-token')), ",
            (string?)template["resources"]?["apps"]?["properties"]?["parameters"]?["secretSettings"]?["value"],
            StringComparison.Ordinal);
        Assert.Contains("keyVaultUrl", $"{app["properties"]?["configuration"]?["secrets"]}{app["properties"]?["configuration"]?["copy"]}", StringComparison.Ordinal);
        Assert.Contains(vault, secret => secret.Contains("'operations-token'", StringComparison.Ordinal));
        Assert.Equal("securestring", (string?)template["parameters"]?["operationsToken"]?["type"], ignoreCase: true);
    }

    [Fact]
    public async Task An_image_with_a_digest_is_deployed_by_its_digest()
    {
        var image = (string?)(await BicepFile.CompileAsync(ContainerApps))["resources"]?["apps"]?["properties"]?["parameters"]?["image"]?["value"];

        Assert.EndsWith(
            "if(contains(parameters('imageDigests'), variables('services')[copyIndex()].name), format('@{0}', parameters('imageDigests')[variables('services')[copyIndex()].name]), ''))]",
            image,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_ingress_and_the_operator_apis_can_require_tokens()
    {
        var template = (await BicepFile.CompileAsync(ContainerApps)).ToJsonString();

        foreach (var setting in (string[])["Ingress__Authentication", "Ingress__Token__TenantId", "Ingress__Token__Audiences__0", "Operations__OpenIdConnect__TenantId", "Operations__StaticToken"])
        {
            Assert.Contains(setting, template, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_subscription_uses_the_filter_parameter_unchanged()
    {
        var subscription = Assert.Single(BicepFile.Resources(await BicepFile.CompileAsync(EventGrid)), resource => (string?)resource["type"] == "Microsoft.EventGrid/systemTopics/eventSubscriptions");

        Assert.Equal("[parameters('filter')]", (string?)subscription["properties"]?["filter"]);
    }

    [Fact]
    public async Task The_parameter_file_contains_the_filter_that_mlevents_prints()
    {
        var (exitCode, printed) = await CommandLineTool.RunAsync(["filter", "rules", "--format", "bicep"], TestContext.Current.CancellationToken);

        Assert.Equal(0, exitCode);
        Assert.EndsWith(printed + "\n", await File.ReadAllTextAsync(Repository.PathOf(EventGrid + "param"), TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_template_accepts_every_filter_that_mlevents_prints()
    {
        using var folder = new TempFolder();
        folder.Write("rules/alerts.yaml", """
            alerts:
              - name: deployed
                when:
                  includedEventTypes: [ModelDeployed]
                  subjectBeginsWith: endpoints/
                  isSubjectCaseSensitive: true
                  advancedFilters:
                    - { operatorType: StringIn, key: data.serviceName, values: ["it's live", churn] }
                    - { operatorType: NumberInRange, key: data.score, values: [[0.5, 1]] }
                send: { channel: email, to: [ml-team@example.com] }
            """);
        var (_, printed) = await CommandLineTool.RunAsync(["filter", Path.Combine(folder.Path, "rules"), "--format", "bicep"], TestContext.Current.CancellationToken);

        // The `using` path must be relative.
        var template = Path.GetRelativePath(folder.Path, Repository.PathOf(EventGrid)).Replace('\\', '/');
        var built = await BicepFile.RunAsync("build-params", folder.Write("main.bicepparam", $"using '{template}'\nparam workspaceName = 'ml'\n{printed}\n"), "--stdout");

        Assert.True(built.ExitCode == 0, built.Error);
        Assert.Contains("it's live", built.Output, StringComparison.Ordinal);
        Assert.Contains("0.5", built.Output, StringComparison.Ordinal);
    }
}
