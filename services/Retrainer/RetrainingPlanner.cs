using System.Text.Json;
using System.Text.Json.Nodes;

using Microsoft.Extensions.Options;

using MLEvents.AzureML;
using MLEvents.Events;
using MLEvents.Ledger;
using MLEvents.Rules;

namespace MLEvents.Retrainer;

/// <summary>Works out what a rule asks for because of an event.</summary>
internal sealed class RetrainingPlanner(IOptions<AzureMLOptions> azure)
{
    /// <summary>The request with its plan, or with the reason why there is none.</summary>
    public ActionRequest Plan(RetrainingRule rule, string ruleVersion, WorkflowEvent workflowEvent)
    {
        try
        {
            var model = TemplateModel.For(workflowEvent, azure.Value.StudioBase.ToString());
            return rule.Run switch
            {
                PipelineJobRun run when WorkspaceOf(run, workflowEvent) is { } workspace => Request(JobOf(run, workspace, model)),
                DataFactoryRun run => Request(new FactoryPlan(run.PipelineId, Rendered("parameter", run.Parameters, model))),
                _ => Fault($"'{workflowEvent.Source}', the event's source, is no workspace; name one in the rule: run.workspace."),
            };
        }
        catch (TemplateException exception)
        {
            return Fault(exception.Message);
        }

        ActionRequest Request(RetrainingPlan plan) => new(rule.Name, ruleVersion, plan.ToJson());
        ActionRequest Fault(string why) => new(rule.Name, ruleVersion, default(JsonElement), why);
    }

    private static Workspace? WorkspaceOf(RetrainingRun run, WorkflowEvent workflowEvent) =>
        run.Workspace ?? (Workspace.TryParse(workflowEvent.Source, out var workspace) ? workspace : null);

    private static JobPlan JobOf(PipelineJobRun run, Workspace workspace, TemplateModel model)
    {
        var job = run.CreateJob();
        foreach (var (name, value) in Rendered("input", run.Inputs, model))
        {
            job.Member("inputs")[name] = new JsonObject { ["jobInputType"] = "literal", ["value"] = value };
        }

        foreach (var (name, value) in Rendered("tag", run.Tags, model))
        {
            job.Member("tags")[name] = value;
        }

        Set("experimentName", run.ExperimentName);
        Set("displayName", run.DisplayName);
        return new JobPlan(workspace.ArmId, job);

        void Set(string name, Template? template)
        {
            if (template is not null)
            {
                job[name] = Rendered(name, template, model);
            }
        }
    }

    private static Dictionary<string, string> Rendered(string what, IReadOnlyDictionary<string, Template> templates, TemplateModel model) =>
        templates.ToDictionary(entry => entry.Key, entry => Rendered($"{what} '{entry.Key}'", entry.Value, model));

    private static string Rendered(string what, Template template, TemplateModel model)
    {
        try
        {
            return template.Render(model);
        }
        catch (TemplateException exception)
        {
            throw new TemplateException($"{what}: {exception.Message}", exception);
        }
    }
}
