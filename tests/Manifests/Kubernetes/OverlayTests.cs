using k8s;
using k8s.Models;

using MLEvents.Manifests.Components;

namespace MLEvents.Manifests.Kubernetes;

public sealed class OverlayTests
{
    public static TheoryData<string> Overlays => [.. Overlay.Names];

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Every_object_is_valid_and_in_the_namespace(string name)
    {
        var overlay = await Overlay.BuildAsync(name);

        Assert.Equal(overlay.Documents.Count(document => !Overlay.CustomGroups.Any(group => document["apiVersion"].Text.StartsWith(group, StringComparison.Ordinal))), overlay.BuiltIn.Count);
        Assert.All(overlay.BuiltIn, item => Assert.True(item is V1Namespace || ((IKubernetesObject<V1ObjectMeta>)item).Namespace() == "mlevents", $"{item}"));
        Assert.Equal(ComponentFile.Apps.Order(), overlay.Deployments.Select(deployment => deployment.Name()).Order());
    }

    [Fact]
    public void An_unknown_member_is_an_error() =>
        Assert.ThrowsAny<Exception>(() => KubernetesYaml.LoadAllFromString("apiVersion: v1\nkind: Namespace\nmetadata: { name: a, lables: {} }\n", strict: true));

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task A_service_has_no_privileges_and_has_limits_and_probes(string name)
    {
        foreach (var pod in (await Overlay.BuildAsync(name)).Deployments.Select(deployment => deployment.Spec.Template.Spec))
        {
            var container = Assert.Single(pod.Containers);

            Assert.True(pod.SecurityContext.RunAsNonRoot);
            Assert.Equal("RuntimeDefault", pod.SecurityContext.SeccompProfile.Type);
            Assert.True(container.SecurityContext.ReadOnlyRootFilesystem);
            Assert.False(container.SecurityContext.AllowPrivilegeEscalation);
            Assert.Equal(["ALL"], container.SecurityContext.Capabilities.Drop);
            Assert.False(pod.AutomountServiceAccountToken);
            Assert.True(container.Resources.Limits.ContainsKey("memory") && container.Resources.Requests.ContainsKey("cpu"));
            Assert.Equal(("/healthz", "/readyz", "/healthz"), (container.LivenessProbe.HttpGet.Path, container.ReadinessProbe.HttpGet.Path, container.StartupProbe.HttpGet.Path));
            Assert.Matches(@"^[a-z]+\.azurecr\.io/mlevents/[a-z]+:[0-9]+\.[0-9]+\.[0-9]+$", container.Image);
            Assert.Equal(2, pod.TopologySpreadConstraints.Count);
        }
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task A_service_reads_the_operations_token_from_a_secret(string name)
    {
        var tokens = (await Overlay.BuildAsync(name)).Deployments.Select(deployment => Assert.Single(deployment.Spec.Template.Spec.Containers[0].Env, setting => setting.Name == "Operations__Token"));

        Assert.All(tokens, token => Assert.Equal((null, "operations", "token"), (token.Value, token.ValueFrom.SecretKeyRef.Name, token.ValueFrom.SecretKeyRef.Key)));
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Only_the_webhook_is_public(string name)
    {
        var overlay = await Overlay.BuildAsync(name);
        var path = Assert.Single(Assert.Single(Assert.Single(overlay.BuiltIn.OfType<V1Ingress>()).Spec.Rules).Http.Paths);

        Assert.Equal(("/events", "Exact", "ingress"), (path.Path, path.PathType, path.Backend.Service.Name));
        Assert.All(overlay.BuiltIn.OfType<V1Service>(), service => Assert.True(service.Spec.Type is null or "ClusterIP"));
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task A_service_has_its_own_identity_and_a_disruption_budget(string name)
    {
        var overlay = await Overlay.BuildAsync(name);
        var accounts = overlay.BuiltIn.OfType<V1ServiceAccount>().ToDictionary(account => account.Name(), account => account.GetAnnotation("azure.workload.identity/client-id"));
        var budgets = overlay.BuiltIn.OfType<V1PodDisruptionBudget>().Select(budget => budget.Spec.Selector.MatchLabels["app.kubernetes.io/name"]);

        Assert.Equal(overlay.Deployments.Select(deployment => deployment.Spec.Template.Spec.ServiceAccountName), accounts.Keys);
        Assert.All(overlay.Deployments, deployment => Assert.Equal("true", deployment.Spec.Template.Metadata.Labels["azure.workload.identity/use"]));
        Assert.Equal(ComponentFile.Apps.Length, accounts.Values.Where(id => id != Guid.Empty.ToString()).Distinct().Count());
        Assert.Equal(overlay.Deployments.Select(deployment => deployment.Spec.Selector.MatchLabels["app.kubernetes.io/name"]), budgets);
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task The_rules_folder_is_mounted_with_its_structure(string name)
    {
        var overlay = await Overlay.BuildAsync(name);
        var map = Assert.Single(overlay.BuiltIn.OfType<V1ConfigMap>(), map => map.Name() == "rules");
        var folder = Repository.PathOf("rules");

        // Editors use the schemas. The services do not.
        var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(folder, file))
            .Where(file => !file.StartsWith("schema", StringComparison.Ordinal)).ToList();

        foreach (var deployment in overlay.Deployments.Where(deployment => deployment.Name() is not ("ingress" or "dashboard")))
        {
            var mounted = Assert.Single(deployment.Spec.Template.Spec.Volumes, volume => volume.ConfigMap is not null).ConfigMap.Items;

            Assert.Equal(files.Order(), mounted.Select(item => item.Path).Order());
            Assert.All(mounted, item => Assert.Equal(File.ReadAllText(Path.Combine(folder, item.Path)), map.Data[item.Key]));
        }
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task No_allowed_workspace_has_the_placeholder_of_the_base(string name)
    {
        var settings = (await Overlay.BuildAsync(name)).Deployments.SelectMany(deployment => deployment.Spec.Template.Spec.Containers).SelectMany(container => container.Env).Where(entry => entry.Name.StartsWith("AzureML__", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(settings);
        Assert.DoesNotContain(settings, entry => entry.Value is { } value && value.Contains("/subscriptions/00000000-0000-0000-0000-000000000000", StringComparison.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task The_network_denies_traffic_by_default(string name)
    {
        var policies = (await Overlay.BuildAsync(name)).BuiltIn.OfType<V1NetworkPolicy>().ToList();

        var all = Assert.Single(policies, policy => policy.Name() == "default-deny").Spec;
        Assert.Equal(["Ingress", "Egress"], all.PolicyTypes);
        Assert.True(all.PodSelector.MatchLabels is null && all.Ingress is null && all.Egress is null);
        Assert.Equal(["from-dashboard", "webhook"], policies.Where(policy => policy.Spec.Ingress is not null).Select(policy => policy.Name()).Order());
        Assert.Equal("ingress", Assert.Single(policies, policy => policy.Name() == "webhook").Spec.PodSelector.MatchLabels["app.kubernetes.io/name"]);
        var caller = Assert.Single(Assert.Single(Assert.Single(policies, policy => policy.Name() == "from-dashboard").Spec.Ingress).FromProperty);
        Assert.Equal("dashboard", caller.PodSelector.MatchLabels["app.kubernetes.io/name"]);
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task The_network_policies_allow_only_the_listed_traffic(string name)
    {
        const string Public = "0.0.0.0/0 except 10.0.0.0/8, 172.16.0.0/12, 192.168.0.0/16, 169.254.0.0/16";
        var policies = (await Overlay.BuildAsync(name)).BuiltIn.OfType<V1NetworkPolicy>().ToList();

        Assert.Equal(
            [
                $"azure: {Public} on 443/TCP, 5671/TCP",
                "dashboard: any address on 5432/TCP",
                "dashboard: pods on 8080/TCP",
                "dns-and-control-plane: namespace dapr-system on any port",
                "dns-and-control-plane: namespace kube-system on 53/UDP, 53/TCP",
                "dns-and-control-plane: namespace observability on 4317/TCP",
                "mail: any address on 587/TCP",
            ],
            policies.SelectMany(policy => (policy.Spec.Egress ?? []).Select(rule => $"{policy.Name()}: {Describe(rule.To)} on {Describe(rule.Ports)}")).Order(StringComparer.Ordinal));
        Assert.Equal(
            ["from-dashboard: pods on 8080/TCP", "webhook: namespace app-routing-system on 8080/TCP"],
            policies.SelectMany(policy => (policy.Spec.Ingress ?? []).Select(rule => $"{policy.Name()}: {Describe(rule.FromProperty)} on {Describe(rule.Ports)}")).Order(StringComparer.Ordinal));
        Assert.Equal(("dashboard", "notifier"), (AppOf("dashboard"), AppOf("mail")));

        string AppOf(string policy) => Assert.Single(policies, one => one.Name() == policy).Spec.PodSelector.MatchLabels["app.kubernetes.io/name"];
    }

    private static string Describe(IList<V1NetworkPolicyPeer>? peers) => peers is null ? "any address" : string.Join(" or ", peers.Select(peer => peer switch
    {
        { IpBlock: { } block } => $"{block.Cidr} except {string.Join(", ", block.Except ?? [])}",
        { NamespaceSelector: { } space } => $"namespace {space.MatchLabels["kubernetes.io/metadata.name"]}",
        _ => "pods",
    }));

    private static string Describe(IList<V1NetworkPolicyPort>? ports) => ports is null ? "any port" : string.Join(", ", ports.Select(port => $"{port.Port.Value}/{port.Protocol}"));
}
