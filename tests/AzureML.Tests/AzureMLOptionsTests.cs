using Azure.Identity;

using Microsoft.Extensions.Options;

using MLEvents.AzureML.Connection;
using MLEvents.AzureML.Jobs;

namespace MLEvents.AzureML.Tests;

public sealed class AzureMLOptionsTests
{
    private static readonly Uri Loopback = new("http://127.0.0.1:5110/");

    [Fact]
    public async Task Every_setting_except_the_allowed_workspaces_has_a_default()
    {
        using var azure = new AzureClient([new("AzureML:Workspaces:0", "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/*/providers/Microsoft.MachineLearningServices/workspaces/*")], environment: "Production");

        await azure.StartAsync();

        var options = new AzureMLOptions();
        Assert.Equal(new Uri("https://management.azure.com/"), options.Endpoint);
        Assert.Equal(new Uri("https://adf.azure.com/"), options.DataFactoryBase);
        Assert.IsType<DefaultAzureCredential>(Credentials.For(options));
    }

    [Theory]
    [InlineData(AzureCloud.AzureUSGovernment, "management.usgovcloudapi.net")]
    [InlineData(AzureCloud.AzureChinaCloud, "management.chinacloudapi.cn")]
    public void A_cloud_sets_the_endpoint_and_the_audience(AzureCloud cloud, string endpoint)
    {
        var options = new AzureMLOptions { Cloud = cloud };

        Assert.Equal(endpoint, options.Endpoint.Host);
        Assert.Equal($"https://{endpoint}/", options.Audience);
    }

    [Fact]
    public void The_setting_Credential_selects_the_identity()
    {
        Assert.IsType<ManagedIdentityCredential>(Credentials.For(new() { Credential = AzureCredential.ManagedIdentity }));
        Assert.IsType<ManagedIdentityCredential>(Credentials.For(new() { Credential = AzureCredential.ManagedIdentity, ClientId = "00000000-1111-2222-3333-444444444444" }));
        Assert.IsType<WorkloadIdentityCredential>(Credentials.For(new() { Credential = AzureCredential.WorkloadIdentity }));
    }

    [Fact]
    public async Task A_simulator_on_this_machine_is_allowed_in_Development()
    {
        using var azure = new AzureClient(AzureClient.Settings(Loopback));

        await azure.StartAsync();

        Assert.IsAssignableFrom<IJobs>(azure.Jobs);
    }

    [Theory]
    [InlineData("Production", "http://127.0.0.1:5110/", "Local", "Endpoint may be plain http")]
    [InlineData("Production", "https://127.0.0.1:5110/", "Local", "Credential may be Local in the environment Development only; this is Production")]
    [InlineData("Staging", "http://localhost:5110/", "Default", "Endpoint may be plain http")]
    [InlineData("Development", "http://management.azure.com/", "Default", "must be https")]
    [InlineData("Development", "https://management.azure.com/", "Local", "only for an endpoint on this machine")]
    [InlineData("Development", "http://127.0.0.1.example.com/", "Local", "must be https")]
    [InlineData("Development", "http://10.0.0.1/", "ManagedIdentity", "must be https")]
    [InlineData("Development", "ftp://127.0.0.1/", "Local", "must be an absolute https address")]
    [InlineData("Development", "management.azure.com", "Default", "must be an absolute https address")]
    public async Task A_setting_that_would_expose_a_token_stops_the_start(string environment, string endpoint, string credential, string expected)
    {
        var settings = new Dictionary<string, string?> { ["AzureML:Endpoint"] = endpoint, ["AzureML:Credential"] = credential };
        using var azure = new AzureClient(settings, environment: environment);

        var error = await Assert.ThrowsAsync<OptionsValidationException>(azure.StartAsync);

        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Arm:MaxRetries", "0")]
    [InlineData("Arm:AttemptTimeout", "00:00:00")]
    [InlineData("Arm:AttemptTimeout", "00:02:00")]
    [InlineData("Arm:TotalTimeout", "01:00:00")]
    [InlineData("DataFactory:BaseDelay", "00:00:30")]
    [InlineData("DataFactory:FailureRatio", "1.5")]
    [InlineData("DataFactoryBase", "portal")]
    [InlineData("Credential", "7")]
    [InlineData("Cloud", "9")]
    public async Task A_setting_out_of_range_stops_the_start(string key, string value)
    {
        using var azure = new AzureClient(AzureClient.Settings(Loopback, (key, value)));

        var error = await Assert.ThrowsAsync<OptionsValidationException>(azure.StartAsync);

        Assert.Contains(key.Split(':')[^1], error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_plain_http_handler_calls_only_this_machine()
    {
        using var client = new HttpClient(new PlainHttpHandler());

        await Assert.ThrowsAsync<InvalidOperationException>(() => client.GetAsync(new Uri("https://management.azure.com/"), TestContext.Current.CancellationToken));
    }
}
