using System.Net;

using Microsoft.Extensions.Options;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Configuration;
using MLEvents.Local.Simulator.Storage;

using static MLEvents.Local.Simulator.Tests.RunningSimulator;

namespace MLEvents.Local.Simulator.Tests;

public sealed class ArmTests
{
    [Theory]
    [InlineData(Workspace + "?api-version=", HttpStatusCode.BadRequest, "MissingApiVersionParameter")]
    [InlineData(Workspace + "?api-version=2019-01-01", HttpStatusCode.BadRequest, "NoRegisteredProviderFound")]
    [InlineData(Workspace + "?api-version=latest", HttpStatusCode.BadRequest, "InvalidApiVersionParameter")]
    [InlineData("/subscriptions/other/resourceGroups/ml-local/providers/Microsoft.MachineLearningServices/workspaces/ml-local", HttpStatusCode.NotFound, "SubscriptionNotFound")]
    [InlineData("/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/other/providers/Microsoft.MachineLearningServices/workspaces/ml-local", HttpStatusCode.NotFound, "ResourceGroupNotFound")]
    [InlineData(Group + "/providers/Microsoft.MachineLearningServices/workspaces/other/jobs", HttpStatusCode.NotFound, "ResourceNotFound")]
    [InlineData(Workspace + "/jobs/none", HttpStatusCode.NotFound, "ResourceNotFound")]
    [InlineData(Workspace + "/unheardOf", HttpStatusCode.NotFound, "InvalidResourceType")]
    public async Task An_invalid_ARM_request_gets_the_status_and_code_of_ARM(string path, HttpStatusCode status, string code)
    {
        await using var simulator = await StartAsync();

        using var response = await simulator.GetAsync(path);

        Assert.Equal(status, response.StatusCode);
        Assert.Equal(code, (string?)(await response.JsonAsync())["error"]?["code"]);
    }

    [Fact]
    public async Task A_request_without_a_token_is_answered_with_401_and_a_Bearer_challenge()
    {
        await using var simulator = await StartAsync();
        simulator.Client.DefaultRequestHeaders.Authorization = null;

        using var response = await simulator.GetAsync(Workspace);

        Assert.Equal(HttpStatusCode.Unauthorized, response.StatusCode);
        Assert.Equal("Bearer", response.Headers.WwwAuthenticate.Single().Scheme);
    }

    [Fact]
    public async Task Every_answer_has_request_ids_and_rate_limits_and_the_letter_case_of_a_resource_id_is_ignored()
    {
        await using var simulator = await StartAsync();

        using var response = await simulator.GetAsync(Workspace.Replace("resourceGroups", "RESOURCEGROUPS", StringComparison.Ordinal));

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.All(["x-ms-request-id", "x-ms-correlation-request-id", "x-ms-ratelimit-remaining-subscription-reads"], name => Assert.True(response.Headers.Contains(name)));
    }

    [Fact]
    public async Task A_long_list_is_split_into_linked_pages()
    {
        await using var simulator = await StartAsync(("PageSize", "2"));
        foreach (var name in new[] { "one", "two", "three" })
        {
            await simulator.PutAsync($"{Workspace}/jobs/{name}", Bodies.Job);
        }

        var first = await simulator.ReadAsync(Workspace + "/jobs?jobType=Pipeline");
        var next = new Uri((string?)first["nextLink"] ?? "");
        var second = await simulator.ReadAsync(next.PathAndQuery);

        Assert.Equal(2, first["value"]?.AsArray().Count);
        Assert.Equal("three", (string?)second["value"]?[0]?["name"]);
        Assert.Null(second["nextLink"]);
    }

    [Fact]
    public async Task Providers_are_registered_and_list_the_newest_API_version_first()
    {
        await using var simulator = await StartAsync();
        const string providers = "/subscriptions/00000000-0000-0000-0000-000000000001/providers/";

        var provider = await simulator.ReadAsync(providers + "Microsoft.MachineLearningServices?api-version=2022-09-01");
        var insights = await simulator.ReadAsync(providers + "Microsoft.Insights?api-version=2022-09-01");
        using var registered = await simulator.PostAsync(providers + "Microsoft.EventGrid/register?api-version=2022-09-01");
        using var unknown = await simulator.GetAsync(providers + "Microsoft.Nothing?api-version=2022-09-01");

        Assert.Equal("Registered", (string?)provider["registrationState"]);
        Assert.Equal("2026-07-01", (string?)provider["resourceTypes"]?[0]?["apiVersions"]?[0]);
        Assert.Equal(
            ["metrics 2024-02-01", "autoscaleSettings 2022-10-01"],
            (insights["resourceTypes"]?.AsArray() ?? []).Select(type => $"{type?["resourceType"]} {type?["apiVersions"]?[0]}"));
        Assert.Equal(HttpStatusCode.OK, registered.StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, unknown.StatusCode);
    }

    [Theory]
    [InlineData("Microsoft.MachineLearningServices", "workspaces/batchEndpoints")]
    [InlineData("Microsoft.MachineLearningServices", "workspaces/batchEndpoints/deployments")]
    [InlineData("Microsoft.MachineLearningServices", "registries")]
    [InlineData("Microsoft.MachineLearningServices", "registries/models/versions")]
    [InlineData("Microsoft.EventGrid", "systemTopics")]
    public async Task A_provider_lists_the_types_of_the_simulated_resources(string name, string type)
    {
        await using var simulator = await StartAsync();

        var provider = await simulator.ReadAsync($"/subscriptions/00000000-0000-0000-0000-000000000001/providers/{name}?api-version=2022-09-01");

        Assert.Contains(type, (provider["resourceTypes"]?.AsArray() ?? []).Select(item => (string?)item?["resourceType"]));
    }

    [Fact]
    public async Task The_list_of_machine_sizes_contains_the_number_of_GPUs()
    {
        await using var simulator = await StartAsync();

        var sizes = await simulator.ReadAsync("/subscriptions/00000000-0000-0000-0000-000000000001/providers/Microsoft.MachineLearningServices/locations/westeurope/vmSizes");

        Assert.Equal(["Standard_NC6s_v3"], (sizes["value"]?.AsArray() ?? []).Where(size => (int?)size?["gpus"] == 1).Select(size => (string?)size?["name"]));
    }

    [Fact]
    public void A_collection_without_resources_uses_no_memory()
    {
        const int Collections = 5_000;
        using var journal = new Journal(Options.Create(new SimulatorOptions()));
        var store = new ResourceStore(journal);
        var name = new string('x', 20_000);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        for (var number = 0; number < Collections; number++)
        {
            store.TryAdd($"/{name}{number}/one", []);
            store.Remove($"/{name}{number}/one");
        }

        // The names of all collections would use 200 MB. The limit is not 0, because other tests of this process run at the same time.
        var held = GC.GetTotalMemory(forceFullCollection: true) - before;
        GC.KeepAlive(store);
        Assert.True(held < 100_000_000, $"The empty collections use {held} bytes.");
    }

    [Theory]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("{}")]
    public async Task A_body_that_is_not_a_job_is_rejected(string body)
    {
        await using var simulator = await StartAsync();

        using var response = await simulator.PutAsync(Workspace + "/jobs/one", body);

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Equal("InvalidRequestContent", (string?)(await response.JsonAsync())["error"]?["code"]);
    }
}
