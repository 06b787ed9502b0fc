using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MLEvents.ServiceDefaults.Tests;

public sealed class StudioOptionsTests
{
    [Theory]
    [InlineData(null, null, "https://ml.azure.com/")]
    [InlineData("", null, "https://ml.azure.com/")]
    [InlineData("azureUSGovernment", null, "https://ml.azure.us/")]
    [InlineData("AzureChinaCloud", null, "https://studio.ml.azure.cn/")]
    [InlineData("AzureChinaCloud", "https://studio.example/", "https://studio.example/")]
    public void The_cloud_determines_the_address_of_the_studio_unless_StudioBase_is_set(string? cloud, string? address, string expected) =>
        Assert.Equal(new Uri(expected), Read(cloud, address).StudioBase);

    [Fact]
    public void A_relative_address_is_refused() =>
        Assert.Contains("AzureML:StudioBase must be an absolute address; it is 'studio'", Assert.Throws<OptionsValidationException>(() => Read(null, "studio")).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("AzureCloud", null)]
    [InlineData("AzureUSGov", "https://studio.example/")]
    public void An_unknown_cloud_is_refused_with_the_names_of_the_known_clouds(string cloud, string? address) => Assert.Contains(
        $"AzureML:Cloud is '{cloud}'; expected one of: AzurePublicCloud, AzureUSGovernment, AzureChinaCloud.",
        Assert.Throws<OptionsValidationException>(() => Read(cloud, address)).Message,
        StringComparison.Ordinal);

    private static StudioOptions Read(string? cloud, string? address)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?> { ["AzureML:Cloud"] = cloud, ["AzureML:StudioBase"] = address }.Where(setting => setting.Value is not null));
        builder.AddServiceDefaults();
        using var services = builder.Services.BuildServiceProvider();
        return services.GetRequiredService<IOptions<StudioOptions>>().Value;
    }
}
