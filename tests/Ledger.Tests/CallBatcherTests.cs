using MLEvents.State;

namespace MLEvents.Ledger.Tests;

/// <summary>The order in which operations are sent.</summary>
public sealed class CallBatcherTests
{
    [Fact]
    public async Task An_operation_does_not_overtake_a_larger_one_on_its_key()
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
