using MLEvents.State;

namespace MLEvents.Ledger.Tests;

/// <summary>The order in which <see cref="CallBatcher{T}"/> sends operations, and what it does after an error.</summary>
public sealed class CallBatcherTests
{
    [Fact]
    public async Task An_operation_does_not_overtake_a_larger_operation_with_the_same_key()
    {
        var sent = new List<string>();
        var allSent = new TaskCompletionSource();
        var batcher = new CallBatcher<Operation>(
            operations =>
            {
                sent.AddRange(operations.Select(operation => operation.Name));
                if (sent.Count == 3)
                {
                    allSent.SetResult();
                }

                return Task.CompletedTask;
            },
            () => 10);

        batcher.AddRange([new("other", "a", 6), new("large", "b", 6), new("small", "b", 1)]);
        await allSent.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, TestContext.Current.CancellationToken);

        Assert.Equal(["other", "large", "small"], sent);
    }

    [Fact]
    public async Task An_error_when_the_size_limit_is_read_does_not_stop_later_operations()
    {
        var sent = new TaskCompletionSource<string>();
        var isFailing = true;
        var batcher = new CallBatcher<Operation>(
            operations =>
            {
                sent.SetResult(string.Join(',', operations.Select(operation => operation.Name)));
                return Task.CompletedTask;
            },
            () => isFailing ? throw new InvalidOperationException("the setting is not valid") : 10);

        Assert.Throws<InvalidOperationException>(() => batcher.Add(new("refused", "a", 1)));
        isFailing = false;
        batcher.Add(new("sent", "a", 1));

        Assert.Equal("sent", await sent.Task.WaitAsync(TimeSpan.FromSeconds(30), TimeProvider.System, TestContext.Current.CancellationToken));
    }

    private sealed class Operation(string name, string key, int size) : BatchedOperation
    {
        public string Name => name;

        public override string Key => key;

        public override int Size => size;

        public override bool IsAbandoned => false;

        public override void Fail(Exception exception)
        {
        }
    }
}
