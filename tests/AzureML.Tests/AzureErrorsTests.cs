using System.Text.RegularExpressions;

using Azure.Identity;

using MLEvents.AzureML.Connection;
using MLEvents.AzureML.Errors;
using MLEvents.AzureML.Scoring;
using MLEvents.Tests.Common;

namespace MLEvents.AzureML.Tests;

public sealed partial class AzureErrorsTests
{
    private static readonly string Path = $"{AzureClient.Workspace}/jobs/j";

    // The first word of each operation's name, and a part of its hint.
    private static readonly Dictionary<string, string> Roles = new()
    {
        ["AutoscaleSettings"] = "'Monitoring Contributor' on the resource group",
        ["BatchEndpoints"] = "'AzureML Data Scientist' or Contributor on the workspace; the job",
        ["Jobs"] = "'AzureML Data Scientist' on the workspace",
        ["Metrics"] = "'Monitoring Reader' on the workspace",
        ["MlflowRuns"] = "'AzureML Data Scientist', or Reader, on the workspace",
        ["ModelContainers"] = "'AzureML Registry User' on its registry",
        ["ModelVersions"] = "'AzureML Registry User' on its registry",
        ["OnlineDeployments"] = "onlineEndpoints/*",
        ["OnlineEndpoints"] = "onlineEndpoints/*",
        ["PipelineRuns"] = "'Data Factory Contributor' on the factory",
        ["Pipelines"] = "'Data Factory Contributor' on the factory",
        ["Scoring"] = "onlineEndpoints/score/action",
        ["Usages"] = "Reader on the subscription",
        ["VirtualMachineSizes"] = "Reader on the subscription",
        ["Workspaces"] = "'AzureML Data Scientist', or Reader, on the workspace",
    };

    public static TheoryData<string> Groups => [.. Roles.Keys];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0, "", "", true)]
    [InlineData(400, "ValidationError", "", false)]
    [InlineData(401, "ExpiredAuthenticationToken", "", false)]
    [InlineData(403, "AuthorizationFailed", "", false)]
    [InlineData(404, "ResourceNotFound", "", false)]
    [InlineData(408, "", "", true)]
    [InlineData(409, "Conflict", "The name is taken.", false)]
    [InlineData(409, "ScopeLocked", "The scope is locked by a management lock.", false)]
    [InlineData(409, "AnotherOperationInProgress", "", true)]
    [InlineData(409, "Conflict", "Another operation is in progress on the endpoint.", true)]
    [InlineData(412, "PreconditionFailed", "", true)]
    [InlineData(413, "", "", false)]
    [InlineData(423, "Locked", "", true)]
    [InlineData(429, "TooManyRequests", "", true)]
    [InlineData(500, "", "", true)]
    [InlineData(502, "", "", true)]
    [InlineData(503, "", "", true)]
    [InlineData(504, "", "", true)]
    public void Transient_failures_are_distinguished_from_permanent_failures(int status, string code, string message, bool transient) =>
        Assert.Equal(transient, AzureErrors.IsTransient(status, code, message));

    [Theory]
    [InlineData(400, 1)]
    [InlineData(401, 1)]
    [InlineData(403, 1)]
    [InlineData(409, 1)]
    [InlineData(429, 5)]
    [InlineData(500, 5)]
    [InlineData(503, 5)]
    public async Task Only_transient_failures_are_repeated(int status, int attempts)
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("GET", Path, FakeAnswer.Error(status, "Code"));
        using var azure = AzureClient.For(arm);

        var error = await Assert.ThrowsAsync<AzureException>(() => azure.Jobs.GetAsync(AzureClient.Workspace, "j", Token));

        Assert.Equal((status, "Code"), (error.Status, error.Code));
        Assert.Equal(attempts, arm.Calls.Count);
    }

    [Fact]
    public async Task An_error_contains_the_target_the_details_and_the_request_id()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("GET", Path, new FakeAnswer(
            400,
            """{"error":{"code":"UserError","message":"Bad job.","target":"compute","details":[{"error":{"code":"NoCompute","message":"cpu is gone"}},{"code":"B","message":"b","target":"t"}]}}""",
            ("x-ms-request-id", "req-1")));
        using var azure = AzureClient.For(arm);

        var error = await Assert.ThrowsAsync<AzureException>(() => azure.Jobs.GetAsync(AzureClient.Workspace, "j", Token));

        Assert.Equal("Jobs_Get was answered with 400 UserError: Bad job. (target compute) [NoCompute: cpu is gone; B: b (target t)]", error.Message);
        Assert.Equal(("UserError", "req-1"), (error.Code, error.RequestId));
    }

    [Theory]
    [InlineData("<html>Bad gateway</html>")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("")]
    public async Task An_error_without_a_readable_body_is_named_by_its_status(string body)
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("GET", Path, new FakeAnswer(418, body));
        using var azure = AzureClient.For(arm);

        var error = await Assert.ThrowsAsync<AzureException>(() => azure.Jobs.GetAsync(AzureClient.Workspace, "j", Token));

        Assert.Equal("Http418", error.Code);
    }

    [Theory]
    [MemberData(nameof(Groups))]
    public void Each_operation_has_a_role_to_grant(string group) => Assert.Contains(Roles[group], RoleHints.For($"{group}_Get"), StringComparison.Ordinal);

    [Fact]
    public void Each_operation_in_the_source_code_has_a_tested_role()
    {
        var groups = Directory.EnumerateFiles(Repository.PathOf("services", "Common", "AzureML"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => OperationName().Matches(File.ReadAllText(file)))
            .Select(match => match.Groups["group"].Value)
            .Append(OnlineScoring.Operation)
            .Distinct();

        Assert.Equal(Roles.Keys.Order(StringComparer.Ordinal), groups.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    public async Task A_refusal_says_which_role_is_needed(int status)
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("POST", $"{AzureClient.Pipeline}/createRun", FakeAnswer.Error(status, "AuthorizationFailed"));
        using var azure = AzureClient.For(arm);

        var error = await Assert.ThrowsAsync<AzureException>(() => azure.Pipelines.CreateRunAsync(AzureClient.Pipeline, [], null, Token));

        Assert.Contains("Data Factory Contributor", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_does_not_listen_is_a_network_error()
    {
        var arm = await FakeArm.StartAsync();
        using var azure = AzureClient.For(arm, null, ("Arm:MaxRetries", "1"));
        await arm.DisposeAsync();

        var error = await Assert.ThrowsAsync<AzureException>(() => azure.Jobs.GetAsync(AzureClient.Workspace, "j", Token));

        Assert.Equal((0, AzureException.NetworkCode, true), (error.Status, error.Code, error.IsTransient));
    }

    [Fact]
    public async Task A_failed_call_is_logged_with_request_id_and_code_but_no_token()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("GET", Path, FakeAnswer.Error(400, "UserError", "No.", ("x-ms-request-id", "req-1")));
        using var azure = AzureClient.For(arm);

        await Assert.ThrowsAsync<AzureException>(() => azure.Jobs.GetAsync(AzureClient.Workspace, "j", Token));

        Assert.Contains(azure.Logs, log => log.Message == "Jobs_Get failed: status 400, code UserError, request req-1, transient: False");
        Assert.DoesNotContain(azure.Logs, log => log.ToString().Contains(LocalTokenCredential.Token, StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_answer_that_is_not_a_resource_has_its_own_error_code()
    {
        await using var arm = await FakeArm.StartAsync();
        arm.On("GET", $"{AzureClient.Workspace}/onlineEndpoints/e", new FakeAnswer(200, """{ "id": "string", "type": "string" }"""));
        using var azure = AzureClient.For(arm, null, ("Arm:MaxRetries", "1"));

        var error = await Assert.ThrowsAsync<AzureException>(() => azure.Endpoints.GetAsync(AzureClient.Workspace, "e", Token));

        Assert.Equal(AzureException.UnreadableAnswerCode, error.Code);
    }

    [Fact]
    public void A_missing_identity_is_a_permanent_failure_that_names_the_role()
    {
        var error = AzureErrors.Translate("Jobs_Get", new CredentialUnavailableException("None."), TimeProvider.System, Token);

        Assert.Equal((AzureException.AuthenticationCode, false), (error?.Code, error?.IsTransient));
        Assert.Contains("AzureML Data Scientist", error?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_failure_of_the_token_service_is_transient()
    {
        var denied = new AuthenticationFailedException("No.", new HttpRequestException("unreachable"));

        Assert.True(AzureErrors.Translate("Jobs_Get", denied, TimeProvider.System, Token)?.IsTransient);
    }

    [Fact]
    public void A_cancellation_by_the_caller_is_not_a_failure_of_Azure()
    {
        Assert.Null(AzureErrors.Translate("Jobs_Get", new OperationCanceledException(), TimeProvider.System, new CancellationToken(canceled: true)));
        Assert.Equal(AzureException.TimeoutCode, AzureErrors.Translate("Jobs_Get", new TaskCanceledException(), TimeProvider.System, Token)?.Code);
    }

    [Fact]
    public void An_exception_of_our_own_code_is_not_a_failure_of_Azure() =>
        Assert.Null(AzureErrors.Translate("Jobs_Get", new InvalidOperationException(), TimeProvider.System, Token));

    [Theory]
    [InlineData("no such job", "NotFound", "r-1", "NotFound: no such job (request id r-1)")]
    [InlineData("NotFound: no such job", "NotFound", null, "NotFound: no such job")]
    public void The_text_for_people_names_code_and_request_once(string message, string code, string? requestId, string expected) =>
        Assert.Equal(expected, new AzureException(message) { Code = code, RequestId = requestId }.ToText());

    [GeneratedRegex("\"(?<group>[A-Z][A-Za-z]+)_[A-Z][A-Za-z]+\"")]
    private static partial Regex OperationName();
}
