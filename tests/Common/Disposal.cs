using System.Runtime.ExceptionServices;

namespace MLEvents.Tests.Common;

/// <summary>Disposes all resources of a fixture, also if one disposal fails. For example, the disposal of a <see cref="RunningService"/> fails if the service logged an unexpected error.</summary>
public static class Disposal
{
    /// <summary>Disposes the resources in the given order. If one throws an exception, the others are still disposed. Null stands for a resource that was not started.</summary>
    /// <exception cref="AggregateException">Several resources threw an exception. If only one resource throws an exception, that exception is thrown unchanged.</exception>
    public static async Task DisposeAllAsync(IEnumerable<IAsyncDisposable?> resources)
    {
        var exceptions = new List<Exception>();
        foreach (var resource in resources.OfType<IAsyncDisposable>())
        {
            try
            {
                await resource.DisposeAsync();
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                exceptions.Add(exception);
            }
        }

        if (exceptions is [var only])
        {
            ExceptionDispatchInfo.Throw(only);
        }

        if (exceptions.Count > 1)
        {
            throw new AggregateException(exceptions);
        }
    }
}
