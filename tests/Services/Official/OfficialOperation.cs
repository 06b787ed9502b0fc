using System.Text.Json.Nodes;

using MLEvents.Tests.Common;

namespace MLEvents.Tests.Services.Official;

/// <summary>What Azure's specification says about the requests of one operation.</summary>
internal sealed record OfficialOperation(string Name)
{
    /// <summary>The file of the official example, in the folder <c>arm</c> of the reference; null if the reference has no example of the request.</summary>
    public string? Example { get; init; }

    /// <summary>The member of the example's parameters that is the body.</summary>
    public string Member { get; init; } = "body";

    /// <summary>Members of the specification that the official example leaves out, as JSON.</summary>
    public string Further { get; init; } = "null";

    /// <summary>The required members, as paths.</summary>
    public IReadOnlyList<string> Required { get; init; } = [];

    /// <summary>The allowed values of enumerated members, by path.</summary>
    public IReadOnlyDictionary<string, string[]> Values { get; init; } = new Dictionary<string, string[]>();

    /// <summary>Finds differences that depend on several members.</summary>
    public Func<JsonNode?, IEnumerable<string>> Check { get; init; } = _ => [];

    /// <summary>The API version of operations without an example; null outside Azure Resource Manager.</summary>
    public string? ApiVersion { get; init; }

    /// <summary>The differences between a request and the specification.</summary>
    public IEnumerable<string> FindFaults(SentRequest request)
    {
        var (shape, version) = Read();
        return shape.FindFaults(request.Body, Values)
            .Concat(Required.Where(path => At(request.Body, path) is null).Select(path => $"{path} is missing, and the specification requires it"))
            .Concat(Check(request.Body))
            .Concat(request.ApiVersion == version ? [] : [$"the API version is {request.ApiVersion}, but the specification has {version}"])
            .Select(fault => $"{Name} {request.Path}: {fault}");
    }

    // A request may also have the members of a response, because a client may read a resource and put it back.
    private (OfficialShape Shape, string? Version) Read()
    {
        var shape = new OfficialShape().Add(JsonNode.Parse(Further));
        if (Example is null)
        {
            return (shape, ApiVersion);
        }

        var example = JsonNode.Parse(File.ReadAllText(Path.Combine(Repository.Reference ?? "", "arm", Example)));
        shape.Add(example?["parameters"]?[Member]);
        foreach (var (_, response) in Member == "body" ? example?["responses"]?.AsObject() ?? [] : [])
        {
            shape.Add(response?["body"]);
        }

        return (shape, (string?)example?["parameters"]?["api-version"]);
    }

    private static JsonNode? At(JsonNode? body, string path) => path.Split('.').Aggregate(body, (node, name) => (node as JsonObject)?[name]);
}
