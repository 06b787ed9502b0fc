using System.Diagnostics;

using MLEvents.AzureML.Errors;
using MLEvents.AzureML.Scoring;

namespace MLEvents.AzureML.Tests;

public sealed class ScoringTests
{
    private const string Key = "key-canary-51c2";
    private static readonly string Path = $"{AzureClient.Workspace}/onlineEndpoints/churn";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData("Key", "listKeys", "primaryKey")]
    [InlineData("AMLToken", "token", "accessToken")]
    public async Task The_endpoint_is_called_with_its_key_or_token_and_the_deployment(string mode, string action, string member)
    {
        await using var arm = await FakeArm.StartAsync();
        SetEndpoint(arm, mode);
        arm.On("POST", $"{Path}/{action}", new FakeAnswer(200, $$"""{ "{{member}}": "{{Key}}" }"""));
        arm.On("POST", "/score/churn", new FakeAnswer(200, "[0.7]", ("azureml-model-deployment", "green")));
        using var azure = AzureClient.For(arm);

        var result = await azure.Scoring.ScoreAsync(AzureClient.Workspace, "churn", new ScoringRequest("""{"x":1}""", "green"), Token);

        var call = arm.Calls[^1];
        Assert.Equal((200, "[0.7]", false, "green"), (result.Status, result.Body, result.IsTruncated, result.Deployment));
        Assert.True(result.Latency > TimeSpan.Zero);
        Assert.Equal("""{"x":1}""", call.Body);
        Assert.Equal(($"Bearer {Key}", "green"), (call.Headers.Authorization.ToString(), call.Headers["azureml-model-deployment"].ToString()));
    }

    [Fact]
    public async Task An_endpoint_with_Entra_authentication_gets_a_token_of_the_service_and_no_deployment_header_if_the_request_names_no_deployment()
    {
        await using var arm = await FakeArm.StartAsync();
        SetEndpoint(arm, "AADToken");
        arm.On("POST", "/score/churn", new FakeAnswer(200, "[]"));
        using var azure = AzureClient.For(arm);

        await azure.Scoring.ScoreAsync(AzureClient.Workspace, "churn", new ScoringRequest("{}"), Token);

        Assert.Equal("Bearer local-development-token", arm.Calls[^1].Headers.Authorization.ToString());
        Assert.False(arm.Calls[^1].Headers.ContainsKey("azureml-model-deployment"));
    }

    [Theory]
    [InlineData(500)]
    [InlineData(429)]
    [InlineData(302)]
    public async Task An_answer_with_an_error_status_is_a_result_and_the_request_is_not_repeated(int status)
    {
        await using var arm = await FakeArm.StartAsync();
        SetEndpoint(arm);
        arm.On("POST", "/score/churn", new FakeAnswer(status, "no", ("Location", $"{arm.Address}elsewhere"), ("Retry-After", "0")));
        using var azure = AzureClient.For(arm);

        var result = await azure.Scoring.ScoreAsync(AzureClient.Workspace, "churn", new ScoringRequest("{}"), Token);

        Assert.Equal((status, "no", false), (result.Status, result.Body, result.IsSuccess));
        Assert.Single(arm.Calls, call => call.Path is "/score/churn" or "/elsewhere");
    }

    [Fact]
    public async Task A_long_answer_is_cut()
    {
        await using var arm = await FakeArm.StartAsync();
        SetEndpoint(arm);
        arm.On("POST", "/score/churn", new FakeAnswer(200, new string('x', ScoringResult.MaxBodyBytes + 1)));
        using var azure = AzureClient.For(arm);

        var result = await azure.Scoring.ScoreAsync(AzureClient.Workspace, "churn", new ScoringRequest("{}"), Token);

        Assert.Equal((ScoringResult.MaxBodyBytes, true), (result.Body.Length, result.IsTruncated));
    }

    [Fact]
    public async Task The_key_is_cached_and_is_read_again_after_the_endpoint_refused_it()
    {
        await using var arm = await FakeArm.StartAsync();
        SetEndpoint(arm);
        arm.On("POST", $"{Path}/listKeys", new FakeAnswer(200, """{ "primaryKey": "old" }"""), new FakeAnswer(200, """{ "primaryKey": "new" }"""));
        arm.On("POST", "/score/churn", new FakeAnswer(200, "1"), new FakeAnswer(200, "2"), new FakeAnswer(401, "no"), new FakeAnswer(200, "3"));
        using var azure = AzureClient.For(arm);

        var bodies = new List<string>();
        for (var request = 0; request < 3; request++)
        {
            bodies.Add((await azure.Scoring.ScoreAsync(AzureClient.Workspace, "churn", new ScoringRequest("{}"), Token)).Body);
        }

        Assert.Equal(["1", "2", "3"], bodies);
        Assert.Equal(2, arm.Calls.Count(call => call.Path.EndsWith("/listKeys", StringComparison.Ordinal)));
        Assert.Equal("Bearer new", arm.Calls[^1].Headers.Authorization.ToString());
    }

    [Theory]
    [InlineData("https://attacker.example/score")]
    [InlineData("https://churn.westeurope.inference.ml.azure.com.attacker.example/score")]
    [InlineData("https://user:pass@churn.westeurope.inference.ml.azure.com/score")]
    [InlineData("http://churn.westeurope.inference.ml.azure.com/score")]
    [InlineData("http://127.0.0.1:1/score")]
    public async Task An_address_that_is_not_allowed_gets_neither_key_nor_request(string address)
    {
        await using var arm = await FakeArm.StartAsync();
        SetEndpoint(arm, scoringUri: address);
        using var azure = AzureClient.For(arm);

        var refused = await Assert.ThrowsAsync<AzureException>(() => azure.Scoring.ScoreAsync(AzureClient.Workspace, "churn", new ScoringRequest("{}"), Token));

        Assert.Equal((AzureException.NotAllowedCode, false), (refused.Code, refused.IsTransient));
        Assert.Contains("AzureML:ScoringHosts", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(arm.Calls, call => call.Method == "POST");
    }

    [Theory]
    [InlineData("churn.westeurope.inference.ml.azure.com", "AzurePublicCloud", "", true)]
    [InlineData("churn.usgovvirginia.inference.ml.azure.us", "AzureUSGovernment", "", true)]
    [InlineData("churn.westeurope.inference.ml.azure.com", "AzureUSGovernment", "", false)]
    [InlineData("scoring.k8s.example.com", "AzurePublicCloud", "*.k8s.example.com", true)]
    [InlineData("scoring.k8s.example.com.attacker.example", "AzurePublicCloud", "*.k8s.example.com", false)]
    public async Task Only_hosts_of_the_cloud_and_of_the_settings_are_allowed(string host, string cloud, string pattern, bool isAllowed)
    {
        await using var arm = await FakeArm.StartAsync();
        SetEndpoint(arm, scoringUri: $"https://{host}/score");
        arm.On("POST", $"{Path}/listKeys", FakeAnswer.Error(403, "AuthorizationFailed"));
        using var azure = AzureClient.For(arm, null, ("Cloud", cloud), ("ScoringHosts:0", pattern));

        var refused = await Assert.ThrowsAsync<AzureException>(() => azure.Scoring.ScoreAsync(AzureClient.Workspace, "churn", new ScoringRequest("{}"), Token));

        Assert.Equal(isAllowed ? "AuthorizationFailed" : AzureException.NotAllowedCode, refused.Code);
    }

    [Fact]
    public async Task An_endpoint_that_does_not_answer_is_a_transient_failure()
    {
        await using var arm = await FakeArm.StartAsync();
        SetEndpoint(arm);
        arm.On("POST", "/score/churn", FakeAnswer.Abort);
        using var azure = AzureClient.For(arm);

        var failure = await Assert.ThrowsAsync<AzureException>(() => azure.Scoring.ScoreAsync(AzureClient.Workspace, "churn", new ScoringRequest("{}"), Token));

        Assert.Equal((AzureException.NetworkCode, true), (failure.Code, failure.IsTransient));
    }

    [Fact]
    public async Task No_log_trace_or_error_contains_a_key_or_a_request_body()
    {
        await using var arm = await FakeArm.StartAsync();
        SetEndpoint(arm);
        arm.On("POST", "/score/churn", FakeAnswer.Abort);
        using var azure = AzureClient.For(arm);
        var seen = new List<string>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => { lock (seen) { seen.Add($"{activity.DisplayName} {string.Join(' ', activity.TagObjects)} {string.Join(' ', activity.Events.SelectMany(item => item.Tags))}"); } },
        };
        ActivitySource.AddActivityListener(listener);

        var failure = await Assert.ThrowsAsync<AzureException>(() => azure.Scoring.ScoreAsync(AzureClient.Workspace, "churn", new ScoringRequest("body-canary-90a1"), Token));

        seen.AddRange(azure.Logs.Select(log => $"{log.Message} {log.Exception} {string.Join(' ', log.StructuredState ?? [])}"));
        seen.Add($"{failure} {failure.ToText()}");
        Assert.All(seen, text => Assert.DoesNotContain("canary", text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{ "primaryKey": "a\r\nb" }""")]
    public async Task A_missing_or_invalid_key_is_an_unreadable_answer(string keys)
    {
        await using var arm = await FakeArm.StartAsync();
        SetEndpoint(arm);
        arm.On("POST", $"{Path}/listKeys", new FakeAnswer(200, keys));
        using var azure = AzureClient.For(arm);

        var failure = await Assert.ThrowsAsync<AzureException>(() => azure.Scoring.ScoreAsync(AzureClient.Workspace, "churn", new ScoringRequest("{}"), Token));

        Assert.Equal(AzureException.UnreadableAnswerCode, failure.Code);
    }

    [Fact]
    public async Task A_missing_endpoint_is_a_permanent_failure_and_an_endpoint_without_an_address_is_a_transient_failure()
    {
        await using var arm = await FakeArm.StartAsync();
        using var azure = AzureClient.For(arm);

        var gone = await Assert.ThrowsAsync<AzureException>(() => azure.Scoring.ScoreAsync(AzureClient.Workspace, "churn", new ScoringRequest("{}"), Token));
        arm.On("GET", Path, new FakeAnswer(200, """{ "name": "churn", "properties": { "provisioningState": "Creating" } }"""));
        var early = await Assert.ThrowsAsync<AzureException>(() => azure.Scoring.ScoreAsync(AzureClient.Workspace, "churn", new ScoringRequest("{}"), Token));

        Assert.Equal((404, false, true), (gone.Status, gone.IsTransient, early.IsTransient));
    }

    private static void SetEndpoint(FakeArm arm, string mode = "Key", string? scoringUri = null)
    {
        arm.On("GET", Path, new FakeAnswer(200, $$"""{ "id": "{{Path}}", "name": "churn", "location": "westeurope", "properties": { "authMode": "{{mode}}", "provisioningState": "Succeeded", "scoringUri": "{{scoringUri ?? $"{arm.Address}score/churn"}}" } }"""));
        arm.On("POST", $"{Path}/listKeys", new FakeAnswer(200, $$"""{ "primaryKey": "{{Key}}", "secondaryKey": "other" }"""));
    }
}
