namespace MLEvents.Local.Simulator.Tests;

/// <summary>Request bodies that several tests send.</summary>
internal static class Bodies
{
    public const string Endpoint = """{"location":"westeurope","properties":{"authMode":"Key"}}""";

    public const string Job = """
        {"properties":{"jobType":"Pipeline","experimentName":"churn","tags":{"mlevents.correlation":"c-1","team":"growth"},
         "outputs":{"model":{"jobOutputType":"mlflow_model","assetName":"churn"},"log":{"jobOutputType":"uri_folder"}}}}
        """;

    public const string Model = """{"properties":{"modelType":"mlflow_model","modelUri":"azureml://m","tags":{"stage":"production"}}}""";

    public static string Deployment(string model = "/models/churn/versions/1") =>
        $$$"""{"location":"westeurope","tags":{"mlevents.correlation":"c-1"},"sku":{"name":"Default","capacity":1},"properties":{"endpointComputeType":"Managed","instanceType":"Standard_DS3_v2","model":"{{{RunningSimulator.Workspace}}}{{{model}}}"}}""";

    public static string Traffic(string traffic) => $$$"""{"location":"westeurope","properties":{"authMode":"Key","traffic":{{{traffic}}}}}""";

    public static string Subscription(Uri endpoint, string more = "", string destination = "") =>
        $$$"""{"properties":{"destination":{"endpointType":"WebHook","properties":{"endpointUrl":"{{{endpoint}}}"{{{destination}}}}}{{{more}}}}}""";
}
