namespace MLEvents.State;

/// <summary>An operation that can share a call with other operations.</summary>
public abstract class BatchedOperation
{
    /// <summary>
    /// The key that the operation works on. One call never holds two operations on the same key.
    /// The key is empty if the operation may share a call with any other.
    /// </summary>
    public abstract string Key { get; }

    /// <summary>The size of the operation in the call, in bytes.</summary>
    public abstract int Size { get; }

    /// <summary>Whether the caller has stopped waiting, so that the operation need not be sent.</summary>
    public abstract bool IsAbandoned { get; }

    /// <summary>Ends the operation with a failure.</summary>
    public abstract void Fail(Exception exception);
}

/// <summary>
/// Combines operations into calls. Operations that arrive while a call is in flight are sent together in the next call.
/// There is no timer: an operation that arrives while no call is in flight is sent at once.
/// </summary>
/// <typeparam name="T">The type of the operations.</typeparam>
/// <param name="send">Sends operations in one call and completes each of them.</param>
/// <param name="maxBytes">
/// Returns the largest size of a call, in bytes; null for <see cref="MaxBytes"/>. A larger operation is sent alone. <see cref="AddRange"/> calls the function each time
/// and passes its exceptions on to the caller.
/// </param>
public sealed class CallBatcher<T>(Func<IReadOnlyList<T>, Task> send, Func<int>? maxBytes = null)
    where T : BatchedOperation
{
    /// <summary>The largest number of operations in a call.</summary>
    public const int MaxOperations = 128;

    /// <summary>The largest size of a call by default, in bytes. Sidecars accept 4 MiB.</summary>
    public const int MaxBytes = 1024 * 1024;

    private readonly Lock _gate = new();
    private List<T> _waiting = [];
    private bool _isSending;
    private int _limit = MaxBytes;

    /// <summary>Sends an operation with the next call.</summary>
    public void Add(T operation) => AddRange([operation]);

    /// <summary>Sends operations with the next call, all of them in one call if they fit into it.</summary>
    public void AddRange(IReadOnlyList<T> operations)
    {
        var limit = maxBytes?.Invoke() ?? MaxBytes;
        lock (_gate)
        {
            _limit = limit;
            _waiting.AddRange(operations);
            if (_isSending)
            {
                return;
            }

            _isSending = true;
        }

        // Another thread sends the call. Operations that the caller adds immediately afterwards are then usually part of the same call.
        _ = Task.Run(SendAllAsync);
    }

    private async Task SendAllAsync()
    {
        while (Take() is { Count: > 0 } operations)
        {
            try
            {
                await send(operations);
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                // After every failure, each caller must learn that its operation failed, and the next operations must be sent.
                foreach (var operation in operations)
                {
                    operation.Fail(exception);
                }
            }
        }
    }

    private List<T> Take()
    {
        lock (_gate)
        {
            var (taken, left, keys, size) = (new List<T>(), new List<T>(), new HashSet<string>(), 0);
            foreach (var operation in _waiting)
            {
                var fits = taken.Count == 0 || (taken.Count < MaxOperations && size + operation.Size <= _limit);
                if (operation.IsAbandoned)
                {
                    continue;
                }

                // The key of an operation that does not fit counts too, so that a later operation on the key cannot overtake it.
                var isFirstOfKey = operation.Key.Length == 0 || keys.Add(operation.Key);
                if (fits && isFirstOfKey)
                {
                    taken.Add(operation);
                    size += operation.Size;
                }
                else
                {
                    left.Add(operation);
                }
            }

            _waiting = left;
            _isSending = taken.Count > 0;
            return taken;
        }
    }
}
