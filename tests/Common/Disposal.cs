using System.Runtime.ExceptionServices;

namespace MLEvents.Tests.Common;

/// <summary>Disposes the resources of a fixture. The disposal of a <see cref="RunningService"/> fails if the service logged an unexpected error.</summary>
public static class Disposal
{
    /// <summary>Disposes resources in their order. If one throws an exception, the others are still disposed. A resource that is null was not started.</summary>
    /// <exception cref="AggregateException">Several resources threw an exception. The exception of a single resource is thrown unchanged.</exception>
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
