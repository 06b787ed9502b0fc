using System.Text.RegularExpressions;

using Azure.Core;

using MLEvents.AzureML.Errors;

namespace MLEvents.AzureML.Tracking;

/// <summary>Checks the address of a workspace's MLflow tracking server, because the address comes from an answer of Azure and would receive a token.</summary>
internal static partial class TrackingAddress
{
    private const string Scheme = "azureml";

    /// <summary>Converts a tracking address, such as <c>azureml://westeurope.api.azureml.ms/mlflow/v1.0/subscriptions/…</c>, to the address of MLflow's REST API.</summary>
    /// <param name="tracking">The workspace's <c>mlFlowTrackingUri</c>.</param>
    /// <param name="workspace">ARM id of the workspace.</param>
    /// <param name="settings">The settings, which define Azure's hosts.</param>
    /// <param name="operation">The operation that would send a token to the address.</param>
    /// <exception cref="AzureException">The address is not that of a tracking server of this workspace; code <see cref="AzureException.NotAllowedCode"/>.</exception>
    public static Uri Check(Uri tracking, ResourceIdentifier workspace, AzureMLOptions settings, string operation)
    {
        var isLocal = settings.Endpoint.IsLoopback && tracking.IsLoopback && tracking.Port == settings.Endpoint.Port;
        var suffix = CloudAddresses.For(settings.Cloud).TrackingSuffix;
        var isKnown = isLocal || (tracking.IsDefaultPort && tracking.IdnHost.EndsWith(suffix, StringComparison.OrdinalIgnoreCase));
        if (isKnown && tracking.Scheme is Scheme or "https" && tracking.UserInfo.Length == 0 && IsOf(tracking.AbsolutePath, workspace))
        {
            return new Uri($"{(isLocal ? settings.Endpoint.Scheme : Uri.UriSchemeHttps)}://{tracking.Authority}{tracking.AbsolutePath.TrimEnd('/')}/api/2.0/mlflow/");
        }

        throw new AzureException(
            $"{operation}: requests to {tracking.GetComponents(UriComponents.SchemeAndServer | UriComponents.Path, UriFormat.UriEscaped)} are not allowed; "
            + $"expected {Scheme}://HOST/mlflow/v1.0{workspace}, where HOST ends with {suffix}. "
            + $"Check mlFlowTrackingUri of workspace {workspace.Name} and {AzureMLOptions.Section}:{nameof(AzureMLOptions.Cloud)}.")
        {
            Operation = operation,
            Code = AzureException.NotAllowedCode,
        };
    }

    private static bool IsOf(string path, ResourceIdentifier workspace) =>
        Version().Match(path) is { Success: true, Length: var length } && path[length..].TrimEnd('/').Equals(workspace.ToString(), StringComparison.OrdinalIgnoreCase);

    [GeneratedRegex(@"\A/mlflow/v[0-9]+\.[0-9]+(?=/)", RegexOptions.CultureInvariant)]
    private static partial Regex Version();
}
