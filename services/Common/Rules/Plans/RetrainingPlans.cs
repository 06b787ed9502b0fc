using System.Text.Json.Nodes;

using MLEvents.Events;
using MLEvents.Rules.Jobs;
using MLEvents.Rules.Templates;

namespace MLEvents.Rules.Plans;

/// <summary>Creates the plans of retraining rules.</summary>
public static class RetrainingPlans
{
    /// <summary>Creates the plan of a rule for an event.</summary>
    /// <param name="rule">The rule.</param>
    /// <param name="workflowEvent">The event.</param>
    /// <param name="studio">The studio's address, which differs between clouds. Default https://ml.azure.com/.</param>
    public static Planned<RetrainingPlan> Create(RetrainingRule rule, WorkflowEvent workflowEvent, Uri? studio = null)
    {
        var planned = RunOf(rule, workflowEvent, studio);
        return planned with { Plan = planned.Plan is { } plan ? plan with { Retry = rule.Retry, Timeout = rule.Timeout } : null };
    }

    private static Planned<RetrainingPlan> RunOf(RetrainingRule rule, WorkflowEvent workflowEvent, Uri? studio)
    {
        if (rule.Run is DataFactoryRun factory)
        {
            return Planned<RetrainingPlan>.Try(() => FactoryOf(factory, TemplateModel.For(workflowEvent, studio)));
        }

        return WorkspaceOf(rule.Run, workflowEvent) is { } workspace
            ? Planned<RetrainingPlan>.Try(() => InWorkspace(rule.Run, workspace, TemplateModel.For(workflowEvent, studio)))
            : new(null, $"'{ActionEvent.OriginOf(workflowEvent).Source}', the event's source, is not the ARM id of a workspace; set 'run.workspace' in the rule.");
    }

    private static RetrainingPlan InWorkspace(RetrainingRun run, Workspace workspace, TemplateModel model) =>
        run is BatchEndpointRun batch ? BatchPlans.Create(batch, workspace, model) : JobOf((JobRun)run, workspace, model);

    private static Workspace? WorkspaceOf(RetrainingRun run, WorkflowEvent workflowEvent) =>
        run.Workspace ?? (Workspace.TryParse(ActionEvent.OriginOf(workflowEvent).Source, out var workspace) ? workspace : null);

    private static FactoryPlan FactoryOf(DataFactoryRun run, TemplateModel model)
    {
        var parameters = new JsonObject();
        foreach (var (name, value) in run.Parameters)
        {
            try
            {
                parameters[name] = value.Render(model);
            }
            catch (TemplateException exception)
            {
                throw new TemplateException($"parameter '{name}': {exception.Message}", exception);
            }
        }

        return new FactoryPlan(run.PipelineId, parameters);
    }

    private static JobPlan JobOf(JobRun run, Workspace workspace, TemplateModel model)
    {
        var job = run.CreateJob();
        foreach (var (name, value) in model.Rendered("input", run.Inputs))
        {
            if (JobInputs.Set(job, run.Definition, name, value) is { } error)
            {
                throw new TemplateException(error);
            }
        }

        WorkspaceReference.ResolveAll(job, workspace.ArmId);

        foreach (var (name, value) in model.Rendered("tag", run.Tags))
        {
            Member(job, "tags")[name] = value;
        }

        Set("experimentName", run.ExperimentName);
        Set("displayName", run.DisplayName);
        return new JobPlan(workspace.ArmId, job);

        void Set(string name, Template? template)
        {
            if (template is not null)
            {
                job[name] = model.Rendered(name, template);
            }
        }
    }

    private static JsonObject Member(JsonObject job, string name)
    {
        if (job[name] is not JsonObject member)
        {
            job[name] = member = [];
        }

        return member;
    }
}
