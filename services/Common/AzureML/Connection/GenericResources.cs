using Azure.ResourceManager.Resources;

namespace MLEvents.AzureML.Connection;

/// <summary>Small things that generic resources lack.</summary>
internal static class GenericResources
{
    /// <summary>Reads a resource that must be there; a missing one is an <see cref="Azure.RequestFailedException"/> of status 404.</summary>
    public static async Task<ArmAnswer> GetResourceAsync(this ArmConnection arm, ArmId id, CancellationToken cancellationToken) =>
        await arm.FindResourceAsync(id, cancellationToken)
        ?? throw new Azure.RequestFailedException(404, $"{id} does not exist.", "ResourceNotFound", null);

    public static GenericResourceData WithTags(this GenericResourceData data, IReadOnlyDictionary<string, string>? tags)
    {
        foreach (var tag in tags ?? new Dictionary<string, string>())
        {
            data.Tags.Add(tag);
        }

        return data;
    }
}
