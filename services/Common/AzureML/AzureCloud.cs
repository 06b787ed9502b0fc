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
internal sealed record CloudAddresses(Uri Endpoint, Uri Authority, Uri DataFactory)
{
    public static CloudAddresses For(AzureCloud cloud) => cloud switch
    {
        AzureCloud.AzureUSGovernment => new(
            new("https://management.usgovcloudapi.net/"), new("https://login.microsoftonline.us/"), new("https://adf.azure.us/")),
        AzureCloud.AzureChinaCloud => new(
            new("https://management.chinacloudapi.cn/"), new("https://login.chinacloudapi.cn/"), new("https://adf.azure.cn/")),
        _ => new(
            new("https://management.azure.com/"), new("https://login.microsoftonline.com/"), new("https://adf.azure.com/")),
    };
}
