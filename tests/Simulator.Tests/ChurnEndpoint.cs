using System.Text.Json.Nodes;

namespace MLEvents.Local.Simulator.Tests;

/// <summary>The online endpoint <c>churn</c> and its deployments of the model <c>churn</c>.</summary>
internal static class ChurnEndpoint
{
    public const string Endpoint = RunningSimulator.Workspace + "/onlineEndpoints/churn";
    public const string Blue = Endpoint + "/deployments/blue";

    /// <summary>Creates the endpoint and a deployment, and waits until the provisioning of both has succeeded.</summary>
    /// <param name="simulator">The simulator.</param>
    /// <param name="name">The name of the deployment.</param>
    /// <param name="registers">Whether version 1 of the model is registered first.</param>
    public static async Task DeployAsync(RunningSimulator simulator, string name = "blue", bool registers = true)
    {
        if (registers)
        {
            await simulator.PutAsync(RunningSimulator.Workspace + "/models/churn/versions/1", Bodies.Model);
        }

        await simulator.PutAsync(Endpoint, Bodies.Endpoint);
        await simulator.UntilAsync(Endpoint, found => State(found) == "Succeeded");
        await simulator.PutAsync($"{Endpoint}/deployments/{name}", Bodies.Deployment());
        await simulator.UntilAsync($"{Endpoint}/deployments/{name}", found => State(found) == "Succeeded");
    }

    /// <summary>The provisioning state of an endpoint or deployment.</summary>
    public static string? State(JsonNode resource) => (string?)resource["properties"]?["provisioningState"];
}
