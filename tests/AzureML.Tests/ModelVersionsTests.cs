using Azure.Core;

using MLEvents.AzureML.Errors;

namespace MLEvents.AzureML.Tests;

public sealed class ModelVersionsTests
{
    private static readonly ResourceIdentifier Registry = new("/subscriptions/00000000-1111-2222-3333-444444444444/resourceGroups/test-rg/providers/Microsoft.MachineLearningServices/registries/contoso");

    private static readonly string Versions = $"{AzureClient.Workspace}/models/churn/versions";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_version_is_read_with_the_pinned_api_version_in_one_request()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("GET", $"{Versions}/3", new FakeAnswer(200, Version("3")));
        using var azure = AzureClient.For(arm);

        var version = await azure.Models.GetAsync(AzureClient.Workspace, "churn", "3", Token);

        Assert.Equal("?api-version=2024-04-01", Assert.Single(arm.Calls).Query);
        Assert.NotNull(version);
        Assert.Equal(("churn", "3", "mlflow_model", "train-1"), (version.Name, version.Version, version.ModelType, version.JobName));
        Assert.Equal($"{Versions}/3", version.Id.ToString());
        Assert.Equal("production", version.Tags["stage"]);
        Assert.Equal("0.93", version.Properties["accuracy"]);
        Assert.True(version.IsMLflow);
    }

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    [InlineData("null", false)]
    public async Task An_archived_version_is_reported(string archived, bool expected)
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("GET", $"{Versions}/3", new FakeAnswer(200, Version("3").Replace("\"isAnonymous\": false", $"\"isArchived\": {archived}", StringComparison.Ordinal)));
        using var azure = AzureClient.For(arm);

        var version = await azure.Models.GetAsync(AzureClient.Workspace, "churn", "3", Token);

        Assert.Equal(expected, version?.IsArchived);
    }

    [Fact]
    public async Task A_version_that_does_not_exist_is_null()
    {
        await using var arm = await FakeArm.StartAsync();
        using var azure = AzureClient.For(arm);

        Assert.Null(await azure.Models.GetAsync(AzureClient.Workspace, "churn", "9", Token));
    }

    [Fact]
    public async Task A_model_of_a_registry_is_read_from_the_registry_and_its_asset_id_names_the_registry()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("GET", $"{Registry}/models/churn/versions/3", new FakeAnswer(200, Version("3")));
        arm.On("GET", $"{Registry}/models/churn", new FakeAnswer(200, """{ "properties": { "latestVersion": "3" } }"""));
        using var azure = AzureClient.For(arm);

        var version = await azure.Models.GetAsync(Registry, "churn", "3", Token);

        Assert.Equal(("azureml://registries/contoso/models/churn/versions/3", true), (version?.AssetId, version?.IsInRegistry));
        Assert.Equal("3", await azure.Models.FindLatestAsync(Registry, "churn", Token));
        Assert.Null(await azure.Models.FindLatestAsync(Registry, "other", Token));
    }

    [Fact]
    public async Task A_registry_that_the_settings_do_not_allow_is_refused_before_any_call()
    {
        await using var arm = await FakeArm.StartAsync();
        using var azure = AzureClient.For(arm, null, ("Registries:0", Registry.ToString().Replace("contoso", "other", StringComparison.Ordinal)));

        var exception = await Assert.ThrowsAsync<AzureException>(() => azure.Models.GetAsync(Registry, "churn", "3", Token));

        Assert.Equal(AzureException.NotAllowedCode, exception.Code);
        Assert.Contains("AzureML:Registries", exception.Message, StringComparison.Ordinal);
        Assert.Empty(arm.Calls);
    }

    [Fact]
    public async Task All_pages_of_a_list_are_read()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("GET", Versions, Page($"{arm.Address}{Versions[1..]}?api-version=2024-04-01&$skip=1", "2"), Page(null, "1"));
        using var azure = AzureClient.For(arm);

        var versions = await azure.Models.ListAsync(AzureClient.Workspace, "churn", Token);

        Assert.Equal(["2", "1"], versions.Select(version => version.Version));
        Assert.Equal(["?api-version=2024-04-01", "?api-version=2024-04-01&$skip=1"], arm.Calls.Select(call => call.Query));
    }

    [Fact]
    public async Task A_link_to_another_host_is_not_followed()
    {
        await using var arm = await FakeArm.StartAsync();
        await using var otherHost = await FakeArm.StartAsync();
        arm.On("GET", Versions, Page($"{otherHost.Address}{Versions[1..]}?page=2", "2"), Page(null, "1"));
        using var azure = AzureClient.For(arm);

        var exception = await Assert.ThrowsAsync<AzureException>(() => azure.Models.ListAsync(AzureClient.Workspace, "churn", Token));

        Assert.Equal((AzureException.UnreadableAnswerCode, false), (exception.Code, exception.IsTransient));
        Assert.Single(arm.Calls);
        Assert.Empty(otherHost.Calls);
    }

    [Fact]
    public async Task A_missing_second_page_leads_to_a_transient_error_and_not_to_an_incomplete_list()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("GET", Versions, Page($"{arm.Address}{Versions[1..]}?api-version=2024-04-01&$skip=1", "2"), FakeAnswer.Error(404, "NotFound"));
        using var azure = AzureClient.For(arm);

        var exception = await Assert.ThrowsAsync<AzureException>(() => azure.Models.ListAsync(AzureClient.Workspace, "churn", Token));

        Assert.Equal("ModelVersions_List: a page of the list no longer exists, so the list is incomplete.", exception.Message);
        Assert.True(exception.IsTransient);
    }

    [Fact]
    public async Task Pages_that_link_to_each_other_end_with_an_error()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("GET", Versions, Page($"{Versions}?page=2", "2"));
        using var azure = AzureClient.For(arm);

        var error = await Assert.ThrowsAsync<AzureException>(() => azure.Models.ListAsync(AzureClient.Workspace, "churn", Token));

        Assert.Equal(AzureException.UnreadableAnswerCode, error.Code);
    }

    [Fact]
    public async Task A_model_that_does_not_exist_has_no_versions()
    {
        await using var arm = await FakeArm.StartAsync();
        using var azure = AzureClient.For(arm);

        Assert.Empty(await azure.Models.ListAsync(AzureClient.Workspace, "churn", Token));
    }

    [Fact]
    public async Task An_id_of_another_kind_is_refused()
    {
        await using var arm = await FakeArm.StartAsync();
        using var azure = AzureClient.For(arm);

        await Assert.ThrowsAsync<ArgumentException>(() => azure.Models.ListAsync(AzureClient.Factory, "churn", Token));
    }

    private static FakeAnswer Page(string? next, params string[] versions)
    {
        var link = next is null ? "" : $", \"nextLink\": \"{next}\"";
        return new FakeAnswer(200, $"{{ \"value\": [ {string.Join(',', versions.Select(Version))} ]{link} }}");
    }

    private static string Version(string version) => $$"""
        {
          "id": "{{Versions}}/{{version}}",
          "name": "{{version}}",
          "type": "Microsoft.MachineLearningServices/workspaces/models/versions",
          "properties": {
            "modelType": "mlflow_model", "jobName": "train-1", "flavors": { "python_function": { "data": { "loader_module": "mlflow.sklearn" } } },
            "tags": { "stage": "production" }, "properties": { "accuracy": "0.93" }, "isAnonymous": false
          },
          "systemData": { "createdAt": "2020-01-01T12:34:56.999Z", "createdBy": "string", "createdByType": "User" }
        }
        """;
}
