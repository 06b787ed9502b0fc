using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

using MLEvents.Events;

namespace MLEvents.Dashboard.Recording;

/// <summary>Reads the data of activity events.</summary>
internal static class ActivityData
{
    /// <summary>Reads the data as a type.</summary>
    /// <param name="workflowEvent">The activity event.</param>
    /// <param name="contract">The JSON contract of the type.</param>
    /// <exception cref="ArgumentException">The data is not of this type. The message goes to the dead letters.</exception>
    public static T Read<T>(WorkflowEvent workflowEvent, JsonTypeInfo<T> contract)
        where T : class
    {
        try
        {
            return workflowEvent.Data.Deserialize(contract) ?? throw new JsonException("it is null");
        }
        catch (JsonException exception)
        {
            throw new ArgumentException($"The data of activity {workflowEvent.Id} is not a valid {typeof(T).Name}: {exception.Message}", nameof(workflowEvent), exception);
        }
    }
}
