namespace MLEvents.Manifests.Kubernetes;

/// <summary>Checks the Kustomize component deploy/aks/entra, which the staging overlay uses.</summary>
public sealed class EntraTests
{
    [Fact]
    public async Task The_ingress_requires_a_token_of_the_tenant_of_the_overlay_in_addition_to_the_key()
    {
        var overlay = await Overlay.BuildAsync("staging");
        var settings = overlay.Deployments.Single(deployment => deployment.Metadata.Name == "ingress").Spec.Template.Spec.Containers[0].Env;
        var identity = overlay.Documents.Single(document => document["kind"].Text == "ConfigMap" && document["metadata"]["name"].Text == "identity")["data"];

        Assert.Equal("KeyAndToken", settings.Single(setting => setting.Name == "Ingress__Authentication").Value);
        var audience = settings.Single(setting => setting.Name == "Ingress__Token__Audiences__0").ValueFrom.ConfigMapKeyRef;
        Assert.Equal(("identity", "webhook-application"), (audience.Name, audience.Key));
        var tenant = settings.Single(setting => setting.Name == "Ingress__Token__TenantId").ValueFrom.ConfigMapKeyRef;
        Assert.Equal(("identity", "tenant"), (tenant.Name, tenant.Key));
        Assert.NotEqual("00000000-0000-0000-0000-000000000000", identity[audience.Key].Text);
        Assert.True(Guid.TryParse(identity["tenant"].Text, out _));
    }

    [Fact]
    public async Task Every_service_accepts_tokens_of_operators()
    {
        var deployments = (await Overlay.BuildAsync("staging")).Deployments;

        Assert.All(deployments, deployment => Assert.Contains(deployment.Spec.Template.Spec.Containers[0].Env, setting => setting.Name == "Operations__OpenIdConnect__TenantId"));
    }
}
