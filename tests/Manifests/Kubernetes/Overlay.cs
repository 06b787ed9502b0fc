using System.Collections.Concurrent;

using k8s;
using k8s.Models;

namespace MLEvents.Manifests.Kubernetes;

/// <summary>The output of <c>kubectl kustomize</c> for an overlay.</summary>
internal sealed record Overlay(string Text, IReadOnlyList<Node> Documents)
{
    public static readonly string[] Names = ["staging", "production"];

    /// <summary>The API groups of the custom resources.</summary>
    public static readonly string[] CustomGroups = ["dapr.io/", "keda.sh/", "cilium.io/"];

    /// <summary>The objects of built-in kinds. They are read strictly: an unknown member is an error.</summary>
    public IReadOnlyList<object> BuiltIn => KubernetesYaml.LoadAllFromString(string.Join("\n---\n", Text.Split("\n---\n").Where(IsBuiltIn)), strict: true);

    public IReadOnlyList<V1Deployment> Deployments => [.. BuiltIn.OfType<V1Deployment>()];

    private static readonly ConcurrentDictionary<string, Task<ProgramRun>> Built = new();

    public static async Task<Overlay> BuildAsync(string name)
    {
        var built = await Built.GetOrAdd(name, name => Tool.RunAsync("kubectl", "kustomize", "--load-restrictor", "LoadRestrictionsNone", $"deploy/aks/overlays/{name}"));
        Assert.True(built.ExitCode == 0, built.Error);
        return new(built.Output, Node.ReadAll(built.Output, name));
    }

    /// <summary>The objects of a custom resource kind.</summary>
    public IReadOnlyList<Node> Of(string kind) => [.. Documents.Where(document => document["kind"].Text == kind)];

    private static bool IsBuiltIn(string document) => !CustomGroups.Any(group => document.Contains($"apiVersion: {group}", StringComparison.Ordinal));
}
