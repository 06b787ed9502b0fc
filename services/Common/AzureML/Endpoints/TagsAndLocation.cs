using System.Text.Json.Nodes;

using Azure.Core;

using MLEvents.AzureML.Connection;

namespace MLEvents.AzureML.Endpoints;

/// <summary>Adds tags and region to the body of a resource.</summary>
internal static class TagsAndLocation
{
    /// <summary>Adds the tags, if there are any, and the region.</summary>
    /// <param name="resource">The resource.</param>
    /// <param name="tags">The tags; <see langword="null"/> for none.</param>
    /// <param name="location">The name of the region, such as <c>westeurope</c>, or its display name, such as <c>West Europe</c>.</param>
    public static JsonObject WithTagsAndLocation(this JsonObject resource, IReadOnlyDictionary<string, string>? tags, string location)
    {
        if (tags is { Count: > 0 })
        {
            resource["tags"] = tags.ToJson();
        }

        resource["location"] = new AzureLocation(location).Name;
        return resource;
    }
}
