using Azure.ResourceManager.Resources;

namespace MLEvents.AzureML.Connection;

/// <summary>Extensions for generic resources.</summary>
internal static class GenericResources
{
    /// <summary>Reads a resource that must exist.</summary>
    /// <exception cref="Azure.RequestFailedException">The resource does not exist (status 404), or the call failed.</exception>
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
