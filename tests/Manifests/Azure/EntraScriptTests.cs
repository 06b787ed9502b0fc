using System.Diagnostics;

namespace MLEvents.Manifests.Azure;

/// <summary>Runs deploy/event-grid/entra.sh with an <c>az</c> that records its arguments and answers like a tenant in which nothing is registered.</summary>
public sealed class EntraScriptTests : IDisposable
{
    private const string Az = """
        echo "$@" >> "$(dirname "$0")/asked"
        case "$*" in
          "account show"*) echo tenant-1 ;;
          "cloud show"*) echo "${CLOUD:-AzureCloud}" ;;
          "ad signed-in-user"*) echo user-1 ;;
          "ad app create"*) echo app-1 ;;
          "ad sp create --id "*) echo "principal-of-$5" ;;
        esac
        """;

    private readonly TempFolder _folder = new();

    public EntraScriptTests()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The script is for bash.");
        _folder.AddProgram("az", Az);
    }

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("AzureCloud", "4962773b-9cdb-44cf-a8bf-237846a00ab7", "AzurePublicCloud")]
    [InlineData("AzureUSGovernment", "54316b56-3481-47f9-8f30-0300f5542a7b", "AzureUSGovernment")]
    public async Task Event_Grid_and_the_user_get_the_role_of_the_webhook_application(string cloud, string eventGrid, string setting)
    {
        var (exitCode, output, asked) = await RunAsync(["webhook"], cloud);

        Assert.Equal(0, exitCode);
        Assert.Contains(asked, line => line.Contains("ad app update --id app-1 --app-roles", StringComparison.Ordinal) && line.Contains("\"value\":\"AzureEventGridSecureWebhookSubscriber\"", StringComparison.Ordinal));
        Assert.Contains(asked, line => line.Contains($"\"principalId\":\"principal-of-{eventGrid}\",\"resourceId\":\"principal-of-app-1\"", StringComparison.Ordinal));
        Assert.Contains(asked, line => line.Contains("\"principalId\":\"user-1\",\"resourceId\":\"principal-of-app-1\"", StringComparison.Ordinal));
        Assert.Equal(["Ingress__Authentication=KeyAndToken", "Ingress__Token__TenantId=tenant-1", $"Ingress__Token__Cloud={setting}", "Ingress__Token__Audiences__0=app-1"], output);
    }

    [Fact]
    public async Task In_China_the_application_of_event_grid_comes_from_the_environment()
    {
        var (exitCode, output, asked) = await RunAsync(["webhook"], "AzureChinaCloud", "given-1");

        Assert.Equal(0, exitCode);
        Assert.Contains(asked, line => line.Contains("\"principalId\":\"principal-of-given-1\"", StringComparison.Ordinal));
        Assert.Contains("Ingress__Token__Cloud=AzureChinaCloud", output);
    }

    [Theory]
    [InlineData("AzureChinaCloud")]
    [InlineData("AzureGermanCloud")]
    public async Task Without_a_known_application_of_event_grid_nothing_changes(string cloud)
    {
        var (exitCode, _, asked) = await RunAsync(["webhook"], cloud);

        Assert.Equal(1, exitCode);
        Assert.DoesNotContain(asked, line => line.StartsWith("ad app", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Operators_get_an_application_with_three_roles_and_the_redirect_address_of_the_dashboard()
    {
        var (exitCode, output, asked) = await RunAsync(["operators", "https://dashboard.example.org/"], "AzureCloud");

        Assert.Equal(0, exitCode);
        var update = Assert.Single(asked, line => line.StartsWith("ad app update", StringComparison.Ordinal));
        Assert.All(MLEvents.Events.OperatorRoles.All, role => Assert.Contains($"\"value\":\"{role}\"", update, StringComparison.Ordinal));
        Assert.EndsWith("--web-redirect-uris https://dashboard.example.org/signin-oidc", update, StringComparison.Ordinal);
        Assert.Contains("Operations__OpenIdConnect__ClientId=app-1", output);
    }

    [Fact]
    public async Task An_unknown_argument_changes_nothing()
    {
        var (exitCode, _, asked) = await RunAsync(["everything"], "AzureCloud");

        Assert.Equal(2, exitCode);
        Assert.Empty(asked);
    }

    private async Task<(int ExitCode, string[] Output, string[] Asked)> RunAsync(string[] arguments, string cloud, string? eventGrid = null)
    {
        var start = new ProcessStartInfo("bash", [Repository.PathOf("deploy/event-grid/entra.sh"), .. arguments]);
        start.Environment["PATH"] = $"{_folder.Path}:{Environment.GetEnvironmentVariable("PATH")}";
        start.Environment["CLOUD"] = cloud;
        start.Environment["EVENT_GRID_APPLICATION"] = eventGrid;
        var run = await ProgramRun.RunAsync(start, TestContext.Current.CancellationToken);
        var file = Path.Combine(_folder.Path, "asked");
        return (run.ExitCode, run.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries), File.Exists(file) ? await File.ReadAllLinesAsync(file, TestContext.Current.CancellationToken) : []);
    }
}
