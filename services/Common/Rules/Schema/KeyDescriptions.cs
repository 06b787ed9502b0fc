namespace MLEvents.Rules.Schema;

/// <summary>What an editor shows about each key of a rule file.</summary>
internal static class KeyDescriptions
{
    private static readonly Dictionary<string, string> OfEveryRule = new()
    {
        ["name"] = "The rule's name, unique in its file: 1 to 64 letters, digits, '-', '_' and '.'.",
        ["enabled"] = "Whether the rule is in force. Default true.",
        ["once"] = "What counts as the same deduplication key, for which the rule acts once: event (default), or parts joined by +: run, status, model, version, endpoint, dataset, type, subject.",
        ["when"] = "The events that the rule acts on: the keys of an Event Grid subscription filter, and any, all and not.",
    };

    private static readonly Dictionary<string, string> All = new()
    {
        ["condition.includedEventTypes"] = "Event types, full or short (DatasetDriftDetected); All matches any. Default: all.",
        ["condition.subjectBeginsWith"] = "What the subject begins with. End a model's name with a colon: models/churn:.",
        ["condition.subjectEndsWith"] = "What the subject ends with.",
        ["condition.isSubjectCaseSensitive"] = "Whether the subject's case matters. Default false.",
        ["condition.advancedFilters"] = "Comparisons that must all hold, at most 25 with at most 25 values together.",
        ["condition.enableAdvancedFilteringOnArrays"] = "Whether arrays are compared element by element. Default false.",
        ["condition.all"] = "Conditions that must all hold.",
        ["condition.any"] = "At least one of these conditions must hold.",
        ["condition.not"] = "A condition that must not hold.",
        ["advancedFilter.operatorType"] = "The comparison.",
        ["advancedFilter.key"] = "What is compared: id, source, type, subject, or data with dots between the levels; names that hold dots in brackets: data.runTags[\"azureml.pipelineid\"].",
        ["advancedFilter.value"] = "The value, of operators with one.",
        ["advancedFilter.values"] = "The values, of operators with several; ranges are pairs.",
        ["alert.send"] = "What is sent, and where to.",
        ["alert.send.channel"] = "email, or the name of a Dapr output binding.",
        ["alert.send.to"] = "E-mail: the recipients.",
        ["alert.send.cc"] = "E-mail: recipients of a copy.",
        ["alert.send.bcc"] = "E-mail: recipients of a copy whom the others do not see.",
        ["alert.send.subject"] = "E-mail: the subject (template). Default: event type, workspace and subject.",
        ["alert.send.text"] = "E-mail: the text (template). Default: what happened, with a link.",
        ["alert.send.textFile"] = "E-mail: the file with the text, in the rules folder.",
        ["alert.send.html"] = "E-mail: the HTML part (template).",
        ["alert.send.htmlFile"] = "E-mail: the file with the HTML part, in the rules folder.",
        ["alert.send.thread"] = "E-mail: mails for which this template renders to the same text are one thread. Default: the mails of one chain.",
        ["alert.send.throttle"] = "E-mail: the most mails in a period. One digest lists the rest.",
        ["alert.send.throttle.max"] = "Most mails of a period and key, 1 to 100.",
        ["alert.send.throttle.per"] = "The period: 1m to 7d, such as 30m, 1h or 7d. Counted in UTC: hours begin on the hour, days at midnight, weeks on Monday.",
        ["alert.send.throttle.key"] = "Events for which this template renders to the same text are counted together. Default: all of the rule.",
        ["alert.send.operation"] = "Binding: its operation. Default create.",
        ["alert.send.metadata"] = "Binding: the metadata of the call (templates).",
        ["alert.send.body"] = "Binding: the data, JSON with templates in its strings.",
        ["alert.send.bodyFile"] = "Binding: the file with the data, in the rules folder.",
        ["alert.send.forward"] = "Binding: send the event as it is, in place of a body.",
        ["retraining.run"] = "What is started.",
        ["retraining.run.job"] = "The job file, in the rules folder: the YAML of az ml job create (pipeline, command or sweep), or the properties of the REST API.",
        ["retraining.run.pipelineJob"] = "In place of job: the file with the REST properties of an Azure ML pipeline job, in the rules folder.",
        ["retraining.run.inputs"] = "Job: values of inputs (templates): a literal, or the path of an input of another type, which keeps its type and mode.",
        ["retraining.run.experimentName"] = "Job: its experiment (template), in place of the job file's.",
        ["retraining.run.displayName"] = "Job: its display name (template), in place of the job file's.",
        ["retraining.run.tags"] = "Job: further tags (templates).",
        ["retraining.run.dataFactory"] = "In place of job: the ARM id of a Data Factory pipeline.",
        ["retraining.run.parameters"] = "Data Factory: the pipeline's parameters, each of the type that the pipeline declares; strings are templates.",
        ["retraining.timeout"] = "How long a run may take, 1m to 90d; it is then cancelled. Default: Retrainer:LongestRun (7 days).",
        ["retraining.retry"] = "When a run that ended badly is started again: rerunFailed (Data Factory, from the failed activity), or attempts, on, wait and from.",
        ["retraining.retry.attempts"] = "How many runs are started at most, the first included, 2 to 10. Default 2.",
        ["retraining.retry.on"] = "The ends after which another run is started: Failed (default), Canceled, NotResponding, TimedOut.",
        ["retraining.retry.wait"] = "How long the next run waits, 1m to 1d. Default 10m.",
        ["retraining.retry.from"] = "Data Factory: Beginning (default) or FailedActivity.",
        ["retraining.run.workspace"] = "The ARM id of the workspace to run in. Default: the event's own.",
        ["deployment.model"] = "The models that are rolled out; implies the event type ModelRegistered.",
        ["deployment.model.name"] = "Names, compared exactly.",
        ["deployment.model.version"] = "Versions, compared as text.",
        ["deployment.model.tags"] = "Values by tag, compared ignoring case.",
        ["deployment.model.properties"] = "Values by property, compared ignoring case.",
        ["deployment.deploy"] = "Where the model goes, and how.",
        ["deployment.deploy.endpoint"] = "The online endpoint's name (template); made if it is missing.",
        ["deployment.deploy.location"] = "The Azure region of a new endpoint.",
        ["deployment.deploy.instanceType"] = "The size of the machines. Default Standard_DS3_v2.",
        ["deployment.deploy.instanceCount"] = "How many machines. Default 1.",
        ["deployment.deploy.authMode"] = "How callers of a new endpoint prove who they are. Default Key.",
        ["deployment.deploy.traffic"] = "Per cent of the traffic that the new deployment gets. Default 100.",
        ["deployment.deploy.environmentId"] = "The ARM id of the environment, for models other than MLflow's.",
        ["deployment.deploy.codeConfiguration"] = "The scoring code, for models other than MLflow's.",
        ["deployment.deploy.codeConfiguration.codeId"] = "The ARM id of the code.",
        ["deployment.deploy.codeConfiguration.scoringScript"] = "The script within the code.",
        ["deployment.deploy.tags"] = "Tags of the deployment (templates).",
    };

    /// <summary>What is known of a key; null if nothing is.</summary>
    public static string? Find(string place, string key) =>
        All.GetValueOrDefault($"{place}.{key}") ?? (place.Contains('.', StringComparison.Ordinal) ? null : OfEveryRule.GetValueOrDefault(key));
}
