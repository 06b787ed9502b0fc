using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

using MLEvents.Local.Simulator.Arm;
using MLEvents.Local.Simulator.Primitives;

namespace MLEvents.Local.Simulator.MachineLearning;

/// <summary>The checks that Azure ML makes before it accepts an online endpoint or deployment.</summary>
internal static partial class OnlineDeploymentRules
{
    /// <summary>Rejects an invalid name of an endpoint or deployment.</summary>
    /// <exception cref="ArmRefusal">The name is invalid.</exception>
    public static void RequireName(string kind, string name)
    {
        if (!Name().IsMatch(name))
        {
            throw ArmRefusal.UserError($"The {kind} name '{name}' must be 3 to 32 letters, digits and hyphens, start with a letter and end with a letter or digit.", "name");
        }
    }

    /// <summary>Rejects a deployment that can never start.</summary>
    /// <exception cref="ArmRefusal">
    /// The location or the compute type is missing, the compute type is unknown, a managed deployment has no instance type,
    /// or the deployment has neither a model nor an environment.
    /// </exception>
    public static void RequireStartable(JsonObject body)
    {
        ProvisionedResource.Require(body, "location");
        ProvisionedResource.Require(body, "properties", "endpointComputeType");
        var compute = body.Text("properties", "endpointComputeType");
        if (compute is not ("Managed" or "Kubernetes"))
        {
            throw ArmRefusal.UserError($"'endpointComputeType' is '{compute}'; expected one of: Managed, Kubernetes.", "properties.endpointComputeType");
        }

        // A custom container can contain its model, so a deployment with an environment does not need a model.
        if (body.Text("properties", "model") is null && body.Text("properties", "environmentId") is null)
        {
            throw ArmRefusal.UserError("A deployment needs a model or an environment.", "properties.model");
        }

        if (compute is "Managed" && body.Text("properties", "instanceType") is null)
        {
            throw ArmRefusal.UserError("A managed deployment needs an instance type.", "properties.instanceType");
        }
    }

    [GeneratedRegex(@"^[a-zA-Z][a-zA-Z0-9-]{1,30}[a-zA-Z0-9]\z", RegexOptions.CultureInvariant)]
    private static partial Regex Name();
}
