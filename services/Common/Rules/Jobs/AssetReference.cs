namespace MLEvents.Rules.Jobs;

/// <summary>Translates the references of job files (<c>azureml:name:version</c>) to the ids of the REST API, as the Azure CLI does.</summary>
internal static class AssetReference
{
    private const string Prefix = "azureml:";
    private const string LatestLabel = "latest";

    // Azure ML itself resolves the newest version of these environments.
    private const string CuratedEnvironment = "AzureML-";

    /// <summary>A component. Azure ML resolves the label <c>latest</c> of components itself.</summary>
    public static string? Component(string text, out string? error)
    {
        if (WholeId(text) is { } id)
        {
            error = null;
            return id;
        }

        var (name, version, label) = Parts(text);
        error = name is null || (version is null && label != LatestLabel)
            ? $"'{text}' must name a registered component with its version or the label latest, such as azureml:name:version; if it is not registered yet, register it (az ml component create --file …), because rules upload nothing"
            : null;
        return error is not null ? null : WorkspaceReference.To(version is null ? $"/components/{name}/labels/{label}" : $"/components/{name}/versions/{version}");
    }

    /// <summary>An environment.</summary>
    public static string? Environment(string text, out string? error)
    {
        if (WholeId(text) is { } id)
        {
            error = null;
            return id;
        }

        if (text.StartsWith(Prefix + CuratedEnvironment, StringComparison.Ordinal))
        {
            error = null;
            return text;
        }

        return Versioned(text, "environments", "an environment", out error);
    }

    /// <summary>A code asset.</summary>
    public static string? Code(string text, out string? error)
    {
        if (WholeId(text) is { } id)
        {
            error = null;
            return id;
        }

        if (text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return Versioned(text, "codes", "a code asset", out error);
        }

        error = $"'code: {text}' is not a registered code asset, and rules upload nothing; register a component with the code (az ml component create --file …) and run it in a pipeline job, or name a registered code asset (code: azureml:name:version)";
        return null;
    }

    /// <summary>A compute target.</summary>
    public static string? Compute(string text, out string? error)
    {
        error = text.Equals("local", StringComparison.OrdinalIgnoreCase) ? "'local' is not possible, because rules run nothing on the local machine; name a compute target: azureml:name"
            : !text.StartsWith(Prefix, StringComparison.Ordinal) ? $"'{text}' must begin with 'azureml:': azureml:{text}"
            : text.AsSpan(Prefix.Length).IsWhiteSpace() ? $"'{text}' contains no name; name a compute target: azureml:name"
            : null;
        return error is not null ? null : WholeId(text) ?? WorkspaceReference.To($"/computes/{text[Prefix.Length..]}");
    }

    /// <summary>A datastore.</summary>
    public static string? Datastore(string text, out string? error)
    {
        error = !text.StartsWith(Prefix, StringComparison.Ordinal) ? $"'{text}' must begin with 'azureml:': azureml:{text}"
            : text.AsSpan(Prefix.Length).IsWhiteSpace() ? $"'{text}' contains no name; name a datastore: azureml:name"
            : text.Contains(Prefix + "//", StringComparison.Ordinal) ? $"'{text}' is the URI of data, not a reference to a datastore; name a datastore: azureml:name"
            : !IsDatastore(text[Prefix.Length..]) ? $"'{text}' is neither the name nor the ARM id of a datastore; name a datastore: azureml:name or azureml:/subscriptions/…/datastores/name"
            : null;
        return error is not null ? null : WholeId(text) ?? WorkspaceReference.To($"/datastores/{text[Prefix.Length..]}");
    }

    /// <summary>The data or the model of an input.</summary>
    /// <param name="text">The input's <c>path</c>.</param>
    /// <param name="inputType">The input's type in the REST API.</param>
    /// <param name="error">The error; null if the reference is valid.</param>
    public static string? Data(string text, string inputType, out string? error)
    {
        if (WholeId(text) is { } id)
        {
            error = null;
            return id;
        }

        if (text.StartsWith(Prefix, StringComparison.Ordinal))
        {
            var isModel = inputType.EndsWith("_model", StringComparison.Ordinal);
            return Versioned(text, isModel ? "models" : "data", isModel ? "a model" : "a data asset", out error);
        }

        error = IsUri(text) ? null
            : $"'{text}' is a local path, and rules upload nothing; name a data asset (azureml:name:version), a path of a datastore (azureml://datastores/…/paths/…) or a URI";
        return error is null ? text : null;
    }

    private static string? Versioned(string text, string collection, string kind, out string? error)
    {
        var (name, version, label) = Parts(text);
        error = name is not null && version is not null ? null
            : label is null ? $"'{text}' is not a reference to {kind} with a version, such as azureml:name:version"
            : $"'{text}' names the label '{label}' and no version; only the Azure CLI looks labels up, so a rule must name the version: azureml:{name}:1";
        return error is null ? WorkspaceReference.To($"/{collection}/{name}/versions/{version}") : null;
    }

    // A name or an ARM id.
    private static bool IsDatastore(string bare) => bare.Split('/') switch
    {
        [var name] => !name.Contains(':', StringComparison.Ordinal),
        ["", var first, .., var collection, var name] =>
            first.Equals("subscriptions", StringComparison.OrdinalIgnoreCase) && collection.Equals("datastores", StringComparison.OrdinalIgnoreCase) && !string.IsNullOrWhiteSpace(name),
        _ => false,
    };

    // ARM ids, and ids of registries, datastores and jobs, with or without the prefix.
    private static string? WholeId(string text)
    {
        var bare = text.StartsWith(Prefix, StringComparison.Ordinal) ? text[Prefix.Length..] : text;
        return bare.StartsWith("/subscriptions/", StringComparison.OrdinalIgnoreCase) ? bare
            : bare.StartsWith("azureml://", StringComparison.Ordinal) ? bare
            : text.StartsWith("azureml://", StringComparison.Ordinal) ? text
            : null;
    }

    private static (string? Name, string? Version, string? Label) Parts(string text)
    {
        var bare = text.StartsWith(Prefix, StringComparison.Ordinal) ? text[Prefix.Length..] : "";
        return bare.Split('@') is [{ Length: > 0 } named, { Length: > 0 } label] ? (named, null, label)
            : bare.Split(':') is [{ Length: > 0 } name, { Length: > 0 } version] ? (name, version, null)
            : (null, null, null);
    }

    private static bool IsUri(string text) =>
        text.IndexOf(':', StringComparison.Ordinal) is > 1 and var colon && !text.StartsWith("file:", StringComparison.OrdinalIgnoreCase)
        && text[..colon].All(character => char.IsAsciiLetterOrDigit(character) || character is '+' or '-' or '.');
}
