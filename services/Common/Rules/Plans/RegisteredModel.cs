using MLEvents.Events;

namespace MLEvents.Rules.Plans;

/// <summary>The model version that an event or a rule names.</summary>
/// <param name="Name">The model's name.</param>
/// <param name="Version">The model's version, as text.</param>
public sealed record RegisteredModel(string Name, string Version)
{
    private const string SubjectPrefix = "models/";
    private const string AssetPrefix = "azureml:";
    private const string LatestLabel = "latest";

    /// <summary>The rule for model references, for error messages.</summary>
    internal const string ReferenceRule = "must name a model version, such as churn:12 or churn@latest";

    /// <summary>Whether the reference names the label <c>latest</c>: the version that is the newest when the roll-out begins.</summary>
    public bool IsLatest { get; init; }

    /// <summary>Reads a reference, <c>name:version</c> or <c>name@latest</c>, with or without <c>azureml:</c>.</summary>
    /// <returns>Null if the text is not a reference.</returns>
    public static RegisteredModel? Parse(string text)
    {
        var reference = text.StartsWith(AssetPrefix, StringComparison.Ordinal) ? text[AssetPrefix.Length..] : text;
        return reference.Split('@') is [{ Length: > 0 } name, LatestLabel] ? new RegisteredModel(name, LatestLabel) { IsLatest = true } : FromSubject(SubjectPrefix + reference);
    }

    /// <summary>Reads the model version from the data of an event, or else from its subject, <c>models/{name}:{version}</c>.</summary>
    /// <returns>Null when the event names no model version.</returns>
    public static RegisteredModel? From(WorkflowEvent workflowEvent)
    {
        var data = workflowEvent.Data;
        return JsonText.Text(data, "modelName") is { Length: > 0 } name && JsonText.Text(data, "modelVersion") is { Length: > 0 } version
            ? new RegisteredModel(name, version)
            : FromSubject(workflowEvent.Subject);
    }

    private static RegisteredModel? FromSubject(string subject)
    {
        var colon = subject.LastIndexOf(':');
        return subject.StartsWith(SubjectPrefix, StringComparison.OrdinalIgnoreCase) && colon > SubjectPrefix.Length && colon < subject.Length - 1
            ? new RegisteredModel(subject[SubjectPrefix.Length..colon], subject[(colon + 1)..])
            : null;
    }
}
