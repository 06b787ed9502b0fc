using System.Text.Json.Nodes;

namespace MLEvents.Rules.Jobs;

/// <summary>The job that a job file describes.</summary>
/// <param name="Properties">The properties of <c>Jobs_CreateOrUpdate</c>. Ids of resources in the job's own workspace are written with <see cref="WorkspaceReference"/>.</param>
internal sealed record JobDefinition(JsonObject Properties)
{
    /// <summary>The declared types of literal inputs. A literal without an entry accepts any text.</summary>
    public IReadOnlyDictionary<string, LiteralType> Literals { get; init; } = new Dictionary<string, LiteralType>();

    /// <summary>
    /// Whether a rule can set only the declared inputs. False for a job file that contains the properties of the REST API, because these properties do not
    /// declare the inputs of a pipeline component.
    /// </summary>
    public bool IsClosed { get; init; }

    /// <summary>The type of an input in the REST API; null if the job does not declare the input.</summary>
    public string? TypeOf(string input) => ((Properties["inputs"] as JsonObject)?[input] as JsonObject)?["jobInputType"]?.ToString();
}

/// <summary>The type of a literal input.</summary>
internal enum LiteralType
{
    /// <summary>Any text.</summary>
    Text,

    /// <summary>A whole number.</summary>
    Integer,

    /// <summary>A number.</summary>
    Number,

    /// <summary>True or false.</summary>
    Boolean,
}
