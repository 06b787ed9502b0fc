using Microsoft.Extensions.Logging;

using MLEvents.Local.Sidecar.Components;
using MLEvents.Local.Sidecar.Tests.Infrastructure;

namespace MLEvents.Local.Sidecar.Tests.Resources;

/// <summary>
/// An error in a resource file prevents the start, unless the component has <c>ignoreErrors</c>. The error message contains the file, the line and the column.
/// </summary>
public sealed class ResourceErrorTests : IDisposable
{
    private const string Component = """
        apiVersion: dapr.io/v1alpha1
        kind: Component
        metadata: {name: c}
        spec:
          type: pubsub.in-memory
          version: v1

        """;

    private const string Resiliency = """
        apiVersion: dapr.io/v1alpha1
        kind: Resiliency
        metadata: {name: r}
        spec:

        """;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("a: [", "invalid YAML")]
    [InlineData("- a", "must be a mapping")]
    [InlineData("kind: Componnent", "unknown kind 'Componnent'; the embedded sidecar supports: Component, Subscription, Resiliency")]
    [InlineData("kind: Component\nmeta: {}", "(2,1): unknown key 'meta'; expected one of: apiVersion")]
    [InlineData("kind: Component\nmetadata: {nam: x}\nspec: {type: a}", "(2,12): unknown key 'nam'")]
    [InlineData("kind: Component\nmetadata: {name: x}", "'spec' is missing")]
    [InlineData("kind: Component\nmetadata: x\nspec: {}", "'metadata' must be a mapping")]
    [InlineData("kind: Component\nmetadata: {name: x}\nscopes: x", "'scopes' must be a list")]
    [InlineData("kind: Component\nmetadata: {name: [x]}\nspec: {}", "'name' must be a plain value")]
    [InlineData("kind: Component\n[x]: y", "(2,1): a key must be a plain value")]
    [InlineData("kind: Component\nmetadata: {name: x}\nspec: {type: a, ignoreErrors: yep}", "neither true nor false")]
    [InlineData("kind: Component\nmetadata: {name: x}\nspec: {type: pubsub.kafka}", "unknown type 'pubsub.kafka'; the embedded sidecar supports: ")]
    [InlineData(Component + "  metadata: [{name: concurency, value: \"3\"}]", "unknown metadata items 'concurency'; expected one of: ")]
    [InlineData(Component + "  metadata: [{name: concurrency, value: many}]", "not a whole number of at least 1")]
    [InlineData(Component + "  metadata: [{name: redeliverInterval, value: soon}]", "not a duration; write milliseconds")]
    [InlineData(Component + "  metadata: [{name: concurrency, value: \"1\"}, {name: concurrency, value: \"2\"}]", "duplicate metadata item 'concurrency'")]
    [InlineData(Component + "  metadata: [{name: consumerID, secretKeyRef: {name: s, key: k}}]", "'consumerID' is a secret, but the component names no secret store; add auth.secretStore")]
    [InlineData(Component + "  metadata: [{name: consumerID, secretKeyRef: {name: s, key: k}}]\nauth: {secretStore: other}", "but the secret store 'other' of auth.secretStore is not loaded")]
    [InlineData(Component + "---\n" + Component, "already defined in")]
    [InlineData("kind: Component\nmetadata: {name: x}\nspec: {type: pubsub.embedded}", "has no metadata item 'connectionString'")]
    [InlineData("apiVersion: v9\nkind: Subscription\nmetadata: {name: s}\nspec: {}", "(1,13): unknown version 'v9' of Subscription")]
    [InlineData("apiVersion: dapr.io/v1alpha1\nkind: Subscription\nmetadata: {name: s}\nspec: {pubsubname: p, topic: t}", "'route' is missing")]
    [InlineData("apiVersion: dapr.io/v2alpha1\nkind: Subscription\nmetadata: {name: s}\nspec: {pubsubname: p, topic: t, routes: {}}", "'default' is missing")]
    [InlineData("apiVersion: dapr.io/v2alpha1\nkind: Subscription\nmetadata: {name: s}\nspec: {pubsubname: p, topic: t, routes: {rules: [{match: \"event.x == 1\", path: /x}], default: /x}}", "(4,50): the embedded sidecar does not support routing rules")]
    [InlineData("apiVersion: dapr.io/v2alpha1\nkind: Subscription\nmetadata: {name: s}\nspec: {pubsubname: p, topic: t, routes: {default: /x}, bulkSubscribe: {enabled: true, maxMessagesCount: many}}", "'maxMessagesCount: many' is not a whole number")]
    [InlineData(Resiliency + "  policies: {retrys: {}}", "(5,14): unknown key 'retrys'; expected one of: timeouts, retries, circuitBreakers")]
    [InlineData(Resiliency + "  policies: {retries: {r: {policy: linear}}}", "unknown retry policy 'linear'")]
    [InlineData(Resiliency + "  policies: {retries: {r: {maxRetries: some}}}", "not a whole number")]
    [InlineData(Resiliency + "  policies: {retries: {r: {matching: {httpStatusCodes: 7xx}}}}", "not a list of statuses")]
    [InlineData(Resiliency + "  policies: {timeouts: {t: soon}}", "'soon' is not a duration")]
    [InlineData(Resiliency + "  policies: {circuitBreakers: {c: {trip: failures > 1}}}", "cannot read the trip condition 'failures > 1'")]
    [InlineData(Resiliency + "  policies: {circuitBreakers: {c: {trip: consecutiveFailures}}}", "with one of the counters requests, totalSuccesses")]
    [InlineData(Resiliency + "  policies: {circuitBreakers: {c: {trip: requests > 5 && totalFailures > 2}}}", "(5,42): the embedded sidecar cannot read the trip condition")]
    [InlineData(Resiliency + "  targets: {components: {c: {inbound: {retry: nope}}}}", "unknown retry policy 'nope'; defined policies: none")]
    public async Task A_wrong_resource_stops_the_start_and_the_error_names_its_position(string yaml, string message)
    {
        var error = await Assert.ThrowsAsync<ResourceException>(() => TestSidecar.StartUnreadyAsync(_folder, null, yaml));

        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains(".yaml(", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Component + "---\n" + Resiliency + "  policies: {}")]
    [InlineData(Resiliency + "  policies: {}\n---\n" + Component)]
    public async Task A_resiliency_resource_beside_another_document_is_refused_because_daprd_ignores_it(string yaml)
    {
        var file = _folder.Write("both.yaml", yaml);

        var exception = await Assert.ThrowsAsync<ResourceException>(
            () => TestSidecar.StartUnreadyAsync(_folder, null, "", options => options.ResourcesPaths.Add(file)));

        Assert.Contains("both.yaml(", exception.Message, StringComparison.Ordinal);
        Assert.Contains("must be the only document of its file", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Resiliency + "  targets: {apps: {other: {}}}", "'apps' has no effect")]
    [InlineData(Resiliency + "  targets: {actors: {other: {}}}", "'actors' has no effect")]
    [InlineData(Resiliency + "  policies: {retries: {r: {matching: {gRPCStatusCodes: 1-3}}}}", "'gRPCStatusCodes' has no effect")]
    [InlineData(Component + "  initTimeout: 5s\n", "'initTimeout' of component c has no effect")]
    public async Task A_setting_that_only_daprd_uses_is_logged_as_a_warning_with_its_position(string yaml, string message)
    {
        await using var sidecar = await TestSidecar.StartAsync(_folder, null, yaml);

        Assert.Contains(sidecar.Logs, log => log.Level == LogLevel.Warning && log.Message.Contains(message, StringComparison.Ordinal) && log.Message.Contains(".yaml(", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_component_that_cannot_start_is_left_out_if_it_has_ignoreErrors()
    {
        var broken = Component.Replace("name: c", "name: broken", StringComparison.Ordinal) + "  ignoreErrors: true\n  metadata: [{name: concurrency, value: many}]\n---\n";

        await using var sidecar = await TestSidecar.StartAsync(_folder, null, broken + Component);

        Assert.Contains(sidecar.Logs, log => log.Message.Contains("Component broken is left out", StringComparison.Ordinal));
        await sidecar.Dapr.PublishEventAsync("c", "t", 1, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task The_files_of_a_folder_are_read_in_the_order_of_their_names_and_empty_documents_are_skipped()
    {
        Directory.CreateDirectory(Path.Combine(_folder.Path, "resources"));
        _folder.Write("resources/1.yaml", "---\n" + Component + "---\n");
        _folder.Write("resources/2.yml", Component.Replace("name: c", "name: d", StringComparison.Ordinal));
        _folder.Write("resources/notes.txt", "no resource");

        await using var sidecar = await TestSidecar.StartAsync(_folder, null, "", options => options.ResourcesPaths.Add(Path.Combine(_folder.Path, "resources")));

        var metadata = await sidecar.Dapr.GetMetadataAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["c", "d"], metadata.Components.Select(component => component.Name));
    }

    [Fact]
    public async Task The_error_names_a_resources_path_that_does_not_exist()
    {
        var error = await Assert.ThrowsAsync<ResourceException>(
            () => TestSidecar.StartUnreadyAsync(_folder, null, "", options => options.ResourcesPaths.Add("/nowhere")));

        Assert.Contains("'/nowhere' does not exist", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("kind: Configuration\nspec: {tracing: {samplingRate: \"1\"}}", "")]
    [InlineData("kind: Component", "must have kind Configuration, not 'Component'")]
    [InlineData("kind: Configuration\nspec: {httpPipeline: {}}", "unknown key 'httpPipeline'")]
    [InlineData(null, "does not exist; correct --config")]
    public async Task A_configuration_file_must_exist_and_have_only_supported_keys(string? yaml, string message)
    {
        var file = yaml is null ? "/nowhere.yaml" : _folder.Write("config.yml", yaml);
        var start = TestSidecar.StartUnreadyAsync(_folder, null, Component, options => options.ConfigFile = file);

        if (message.Length > 0)
        {
            Assert.Contains(message, (await Assert.ThrowsAsync<ResourceException>(() => start)).Message, StringComparison.Ordinal);
        }
        else
        {
            await (await start).DisposeAsync();
        }
    }
}
