using System.Text.Json.Nodes;

using MLEvents.Events;
using MLEvents.Rules.Jobs;
using MLEvents.Rules.Templates;

namespace MLEvents.Rules.Plans;

/// <summary>Creates the invocations of batch endpoints, in the form that Azure documents for the REST API.</summary>
internal static class BatchPlans
{
    private static readonly Dictionary<string, string> DataTypes = new() { ["uri_folder"] = "UriFolder", ["uri_file"] = "UriFile" };

    /// <summary>The plan of a run.</summary>
    /// <exception cref="TemplateException">A value cannot be rendered, or does not have the type of its input.</exception>
    public static BatchPlan Create(BatchEndpointRun run, Workspace workspace, TemplateModel model)
    {
        var invocation = new JsonObject { ["InputData"] = Values(run.Inputs, "input", "JobInputType", model) };
        if (run.Outputs.Count > 0)
        {
            invocation["OutputData"] = Values(run.Outputs, "output", "JobOutputType", model);
        }

        if (run.ExperimentName is not null)
        {
            invocation["properties"] = new JsonObject { ["experimentName"] = model.Rendered("experimentName", run.ExperimentName) };
        }

        WorkspaceReference.ResolveAll(invocation, workspace.ArmId);
        return new BatchPlan(workspace.ArmId, Named("batchEndpoint", run.Endpoint, model), invocation)
        {
            Deployment = run.Deployment is null ? null : Named("deployment", run.Deployment, model),
            ActionInput = run.ActionInput,
        };
    }

    private static JsonObject Values(IReadOnlyDictionary<string, BatchValue> values, string kind, string typeMember, TemplateModel model)
    {
        var body = new JsonObject();
        foreach (var (name, value) in values)
        {
            var written = value.Write(name, model.Rendered($"{kind} '{name}'", value.Value), out var error);
            if (error is not null)
            {
                throw new TemplateException($"{kind} {error}");
            }

            body[name] = value.Type is null
                ? new JsonObject { [typeMember] = "Literal", ["Value"] = written }
                : new JsonObject { [typeMember] = DataTypes[value.Type], ["Uri"] = written };
        }

        return body;
    }

    private static string Named(string key, Template template, TemplateModel model) =>
        model.Rendered(key, template) is { Length: > 0 } name ? name : throw new TemplateException($"{key} renders to an empty text");
}
