using System.Text.Json.Nodes;

using MLEvents.Rules.Reading;

namespace MLEvents.Rules.Jobs;

/// <summary>Translates a pipeline job.</summary>
internal static class PipelineJobReader
{
    /// <summary>Reads a pipeline job.</summary>
    public static JobDefinition Read(MapReader keys)
    {
        var literals = new Dictionary<string, LiteralType>();
        var body = new JsonObject { ["jobType"] = "Pipeline" };
        JobSettings.ReadCommon(keys, body);
        body.Put("settings", Settings(keys));
        body.Put("inputs", JobInputReader.ForJobs.Read(keys, literals));
        body.Put("outputs", JobOutputReader.ReadJob(keys));
        if (keys.Scalar("component") is { } component)
        {
            body.Put("componentId", keys.Reference(component, AssetReference.Component));
        }
        else
        {
            body.Put("jobs", Nodes(keys));
        }

        return new JobDefinition(body) { Literals = literals, IsClosed = true };
    }

    private static JsonObject Settings(MapReader keys)
    {
        var settings = JobSettings.Part(keys, "settings", (part, body) =>
        {
            body.Put("default_compute", part.Reference(part.Scalar("default_compute"), AssetReference.Compute));
            body.Put("default_datastore", part.Reference(part.Scalar("default_datastore"), AssetReference.Datastore));
            body.Put("continue_on_step_failure", part.Raw("continue_on_step_failure"));
            body.Put("continue_run_on_failed_optional_input", part.Raw("continue_run_on_failed_optional_input"));
            body.Put("force_rerun", part.Raw("force_rerun"));
        }) ?? [];
        settings["_source"] = "YAML.JOB";
        return settings;
    }

    private static JsonObject? Nodes(MapReader keys)
    {
        if (keys.RequiredChild("jobs") is not { } jobs)
        {
            return null;
        }

        var nodes = new JsonObject();
        foreach (var name in jobs.Map.Entries.Select(entry => entry.Key.Value))
        {
            nodes.Put(name, jobs.Child(name) is { } node ? PipelineNodeReader.Read(name, node) : null);
        }

        return nodes;
    }
}
