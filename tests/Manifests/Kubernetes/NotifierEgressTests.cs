using k8s.Models;

namespace MLEvents.Manifests.Kubernetes;

/// <summary>The Kustomize component deploy/aks/notifier-egress in an overlay.</summary>
public sealed class NotifierEgressTests
{
    [Fact]
    public async Task The_notifier_can_reach_only_named_hosts()
    {
        using var folder = new TempFolder();
        var (deploy, cancellationToken) = (Path.GetRelativePath(folder.Path, Repository.PathOf("deploy", "aks")), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            Path.Combine(folder.Path, "kustomization.yaml"),
            $"apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [{deploy}/base]\ncomponents: [{deploy}/rules, {deploy}/notifier-egress]\n",
            cancellationToken);

        var built = await Tool.RunAsync("kubectl", "kustomize", "--load-restrictor", "LoadRestrictionsNone", folder.Path);

        Assert.True(built.ExitCode == 0, built.Error);
        var overlay = new Overlay(built.Output, Node.ReadAll(built.Output, "notifier-egress"));
        var open = overlay.BuiltIn.OfType<V1NetworkPolicy>().Where(policy => policy.Spec.Egress?.Any(rule => rule.To is null || rule.To.Any(peer => peer.IpBlock is not null)) == true).Where(SelectsNotifier);
        Assert.Empty(open);
        var policy = Assert.Single(overlay.Of("CiliumNetworkPolicy"));
        Assert.Equal("notifier", policy["spec"]["endpointSelector"]["matchLabels"]["app.kubernetes.io/name"].Text);
        Assert.All(policy["spec"]["egress"].Items, rule => Assert.True(rule["toPorts"].Exists && (rule["toFQDNs"].Exists || rule["toEndpoints"].Exists)));
        Assert.All(policy["spec"]["egress"].Items.SelectMany(rule => rule["toFQDNs"].Items), host => Assert.Matches(@"^(\*\.)?[a-z0-9.-]+\.[a-z]+$", host.TextOr("matchName") ?? host.TextOr("matchPattern")));
    }

    private static bool SelectsNotifier(V1NetworkPolicy policy) =>
        policy.Spec.PodSelector.MatchLabels?.All(label => label is { Key: "app.kubernetes.io/name", Value: "notifier" }) != false &&
        policy.Spec.PodSelector.MatchExpressions?.All(expression => expression.OperatorProperty == "In" == expression.Values.Contains("notifier")) != false;
}
