namespace MLEvents.AzureML.Errors;

/// <summary>Names the role that an operator must grant if Azure refuses an operation.</summary>
internal static class RoleHints
{
    public static string For(string operation) => operation.Split('_')[0] switch
    {
        "Jobs" => "Grant the service's identity the role 'AzureML Data Scientist' on the workspace.",
        "ModelVersions" or "ModelContainers" =>
            "Grant the service's identity the role 'AzureML Data Scientist', or Reader, on the workspace of the model, or the role 'AzureML Registry User' on its registry.",
        "OnlineEndpoints" or "OnlineDeployments" =>
            "Grant the service's identity the role 'AzureML Data Scientist' or Contributor on the workspace, or a custom role with Microsoft.MachineLearningServices/workspaces/onlineEndpoints/*.",
        "BatchEndpoints" =>
            "Grant the service's identity the role 'AzureML Data Scientist' or Contributor on the workspace; the job of a batch endpoint runs as the identity that invokes the endpoint.",
        "Workspaces" or "MlflowRuns" => "Grant the service's identity the role 'AzureML Data Scientist', or Reader, on the workspace.",
        "VirtualMachineSizes" or "Usages" => "Grant the service's identity the role Reader on the subscription.",
        "AutoscaleSettings" => "Grant the service's identity the role 'Monitoring Contributor' on the resource group of the workspace, or a custom role with Microsoft.Insights/autoscaleSettings/*.",
        "Metrics" => "Grant the service's identity the role 'Monitoring Reader' on the workspace.",
        "Scoring" => "Grant the service's identity the role 'AzureML Data Scientist' on the workspace, or a custom role with Microsoft.MachineLearningServices/workspaces/onlineEndpoints/score/action.",
        "Pipelines" or "PipelineRuns" => "Grant the service's identity the role 'Data Factory Contributor' on the factory, or a custom role that may start and read its pipeline runs.",
        _ => "Grant the service's identity a role that permits this operation.",
    };
}
