using k8s.Models;

namespace MLEvents.Manifests.Kubernetes;

/// <summary>Checks that a service and its sidecar share the Dapr tokens. The annotations set them on the sidecar only.</summary>
public sealed class TokenTests
{
    public static TheoryData<string> Overlays => [.. Overlay.Names];

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task A_service_reads_the_dapr_tokens_from_the_secrets_of_its_sidecar(string name)
    {
        foreach (var template in (await Overlay.BuildAsync(name)).Deployments.Select(deployment => deployment.Spec.Template))
        {
            Assert.Equal((template.Metadata.Annotations["dapr.io/app-token-secret"], "token"), SecretOf(template, "APP_API_TOKEN"));
            Assert.Equal((template.Metadata.Annotations["dapr.io/api-token-secret"], "token"), SecretOf(template, "DAPR_API_TOKEN"));
        }
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task The_secrets_api_of_a_sidecar_returns_no_secret(string name)
    {
        var scope = Assert.Single(Assert.Single((await Overlay.BuildAsync(name)).Of("Configuration"))["spec"]["secrets"]["scopes"].Items);

        Assert.Equal(("secretstore", "deny"), (scope["storeName"].Text, scope["defaultAccess"].Text));
        Assert.False(scope["allowedSecrets"].Exists);
    }

    private static (string? Name, string? Key) SecretOf(V1PodTemplateSpec template, string variable)
    {
        var reference = Assert.Single(template.Spec.Containers[0].Env, setting => setting.Name == variable).ValueFrom.SecretKeyRef;
        Assert.NotEqual(true, reference.Optional);
        return (reference.Name, reference.Key);
    }
}
