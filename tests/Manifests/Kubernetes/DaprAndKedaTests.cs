using k8s.Models;

using MLEvents.Events;
using MLEvents.Manifests.Components;

namespace MLEvents.Manifests.Kubernetes;

/// <summary>Checks the Dapr and KEDA settings of the overlays.</summary>
public sealed class DaprAndKedaTests
{
    // https://docs.dapr.io/reference/arguments-annotations-overview/. Dapr silently ignores unknown annotations.
    private static readonly string[] Annotations =
    [
        "enabled", "app-id", "app-port", "app-max-concurrency", "config", "log-as-json", "disable-builtin-k8s-secret-store", "api-token-secret", "app-token-secret",
        "block-shutdown-duration", "graceful-shutdown-seconds", "sidecar-cpu-request", "sidecar-memory-request", "sidecar-memory-limit", "sidecar-seccomp-profile-type",
    ];

    private const string Limit = "dapr.io/app-max-concurrency";

    public static TheoryData<string> Overlays => [.. Overlay.Names];

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Every_pod_has_its_sidecar(string name)
    {
        var overlay = await Overlay.BuildAsync(name);
        var configuration = Assert.Single(overlay.Of("Configuration"))["metadata"]["name"].Text;

        foreach (var deployment in overlay.Deployments)
        {
            var dapr = deployment.Spec.Template.Metadata.Annotations.Where(pair => pair.Key.StartsWith("dapr.io/", StringComparison.Ordinal)).ToDictionary(pair => pair.Key["dapr.io/".Length..], pair => pair.Value);

            Assert.Empty(dapr.Keys.Except(Annotations));
            Assert.Equal(("true", deployment.Metadata.Name, configuration), (dapr["enabled"], dapr["app-id"], dapr["config"]));
            Assert.Equal(dapr["app-port"], Assert.Single(deployment.Spec.Template.Spec.Containers[0].Ports).ContainerPort.ToString(null, null));
        }
    }

    /// <summary>
    /// If calls to a service overlap, daprd can treat a call without an answer as successful. It then acknowledges the message of a single subscription or the event of an input binding.
    /// The ingress gets such messages and events. The other services get messages of single subscriptions only if their bulk subscriptions are switched off.
    /// </summary>
    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Daprd_makes_one_call_at_a_time_to_a_service_that_gets_single_messages(string name)
    {
        var deployments = (await Overlay.BuildAsync(name)).Deployments;

        Assert.Contains(deployments, deployment => deployment.Metadata.Name == "ingress");
        Assert.All(deployments, deployment => Assert.Equal(GetsSingleMessages(deployment) ? "1" : null, deployment.Spec.Template.Metadata.Annotations.SingleOrDefault(pair => pair.Key == Limit).Value));

        static bool GetsSingleMessages(V1Deployment deployment) =>
            deployment.Metadata.Name == "ingress"
            || deployment.Spec.Template.Spec.Containers[0].Env.Any(setting => setting.Name == "Delivery__Bulk" && !string.Equals(setting.Value, "true", StringComparison.OrdinalIgnoreCase));
    }

    [Theory]
    [InlineData("staging", true)]
    [InlineData("production", false)]
    public async Task The_components_are_those_of_the_repository(string name, bool eventHub)
    {
        var overlay = await Overlay.BuildAsync(name);
        var expected = ComponentFile.In("azure").Where(file => file.Kind == "Component" && (eventHub || file.Component != "event-hub")).Select(file => (file.Component, string.Join(',', file.Scopes)));

        Assert.Equal(expected.Order(), overlay.Of("Component").Select(component => (component["metadata"]["name"].Text, string.Join(',', component["scopes"].Texts))).Order());
        Assert.All(overlay.Of("Component").Concat(overlay.Of("Resiliency")), item => Assert.Equal("mlevents", item["metadata"]["namespace"].Text));
    }

    [Theory]
    [InlineData("staging", "mlevents-staging")]
    [InlineData("production", "mlevents")]
    public async Task Scalers_use_the_broker_of_the_component(string name, string expected)
    {
        var overlay = await Overlay.BuildAsync(name);
        var broker = Assert.Single(overlay.Of("Component"), component => component["metadata"]["name"].Text == Topics.PubSub)["spec"]["metadata"].Items[0]["value"].Text;
        var triggers = overlay.Of("ScaledObject").SelectMany(item => item["spec"]["triggers"].Items).Where(trigger => trigger["type"].Text == "azure-servicebus");

        Assert.Equal(expected + ".servicebus.windows.net", broker);
        Assert.All(triggers, trigger => Assert.Equal(expected, trigger["metadata"]["namespace"].Text));
    }

    [Theory]
    [MemberData(nameof(Overlays))]
    public async Task Every_service_but_the_dashboard_scales_and_a_subscriber_scales_by_the_backlog_of_its_events(string name)
    {
        var overlay = await Overlay.BuildAsync(name);
        var topics = TopicNames.Scopes(ComponentFile.Find("azure", Topics.PubSub), "subscriptionScopes");
        var scaled = overlay.Of("ScaledObject").ToDictionary(item => item["spec"]["scaleTargetRef"]["name"].Text, item => item["spec"]["triggers"].Items);
        var authentication = Assert.Single(overlay.Of("TriggerAuthentication"))["metadata"]["name"].Text;

        Assert.Equal(ComponentFile.Apps.Except(["dashboard"]).Order(), scaled.Keys.Order());
        foreach (var (app, triggers) in scaled.Where(pair => pair.Key != "ingress"))
        {
            // A subscription to activity has no reader while no rule names ActionChanged, so its backlog does not show load. Approvals are too few to need more replicas.
            Assert.Equal(topics[app].Except([Topics.WorkflowActivity, Topics.Approvals]), triggers.Select(trigger => trigger["metadata"]["topicName"].Text));
            Assert.All(triggers, trigger => Assert.Equal((app, authentication), (trigger["metadata"]["subscriptionName"].Text, trigger["authenticationRef"]["name"].Text)));
        }
    }
}
