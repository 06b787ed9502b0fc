namespace MLEvents.AzureML;

/// <summary>The clouds that Azure Machine Learning runs in, named as <c>az cloud list</c> names them.</summary>
public enum AzureCloud
{
    /// <summary>The world outside government and China.</summary>
    AzurePublicCloud,

    /// <summary>United States government.</summary>
    AzureUSGovernment,

    /// <summary>China, operated by 21Vianet.</summary>
    AzureChinaCloud,
}

/// <summary>The addresses of a cloud.</summary>
/// <param name="Endpoint">Azure Resource Manager.</param>
/// <param name="Authority">Microsoft Entra ID.</param>
/// <param name="DataFactory">The Data Factory portal.</param>
/// <param name="ScoringSuffix">The end of the host names of managed online endpoints and of batch endpoints.</param>
/// <param name="ScoringAudience">The audience of the tokens that online and batch endpoints accept.</param>
/// <param name="TrackingSuffix">The end of the host names of the MLflow tracking servers.</param>
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
