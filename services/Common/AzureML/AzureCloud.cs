namespace MLEvents.AzureML;

/// <summary>The clouds in which Azure Machine Learning runs. The names are those of <c>az cloud list</c>, except that <c>az</c> calls the public cloud AzureCloud.</summary>
public enum AzureCloud
{
    /// <summary>The public cloud.</summary>
    AzurePublicCloud,

    /// <summary>The cloud of the United States government.</summary>
    AzureUSGovernment,

    /// <summary>The cloud in China, which 21Vianet operates.</summary>
    AzureChinaCloud,
}

/// <summary>The addresses of a cloud.</summary>
/// <param name="Endpoint">The address of Azure Resource Manager.</param>
/// <param name="Authority">The address of Microsoft Entra ID.</param>
/// <param name="DataFactory">The address of the Data Factory portal.</param>
/// <param name="ScoringSuffix">The suffix of the host names of managed online endpoints and of batch endpoints.</param>
/// <param name="ScoringAudience">The audience of the tokens that online and batch endpoints accept.</param>
/// <param name="TrackingSuffix">The suffix of the host names of the MLflow tracking servers.</param>
internal sealed record CloudAddresses(Uri Endpoint, Uri Authority, Uri DataFactory, string ScoringSuffix, string ScoringAudience, string TrackingSuffix)
{
    public static CloudAddresses For(AzureCloud cloud) => cloud switch
    {
        AzureCloud.AzureUSGovernment => new(
            new("https://management.usgovcloudapi.net/"), new("https://login.microsoftonline.us/"), new("https://adf.azure.us/"),
            ".inference.ml.azure.us", "https://ml.azure.us", ".api.ml.azure.us"),
        AzureCloud.AzureChinaCloud => new(
            new("https://management.chinacloudapi.cn/"), new("https://login.chinacloudapi.cn/"), new("https://adf.azure.cn/"),
            ".inference.ml.azure.cn", "https://ml.azure.cn", ".api.ml.azure.cn"),
        _ => new(
            new("https://management.azure.com/"), new("https://login.microsoftonline.com/"), new("https://adf.azure.com/"),
            ".inference.ml.azure.com", "https://ml.azure.com", ".api.azureml.ms"),
    };
}
