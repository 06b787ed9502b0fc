using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

using MLEvents.Ledger;
using MLEvents.Tests.Common;

namespace MLEvents.Deployer.Tests;

/// <summary>
/// Blocks a step of a running deployer at a stage, so that a test can stop the service there: before the work of the step, or between the work and the
/// recording of the result.
/// </summary>
internal sealed class StepGate
{
    private readonly Lock _lock = new();
    private TaskCompletionSource _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string? _stage;
    private bool _isAfter;

    /// <summary>Puts the gate around the steps of a deployer.</summary>
    public void AddTo(WebApplicationBuilder builder) => builder.Host.UseServiceProviderFactory(new Factory(this));

    /// <summary>
    /// Blocks each following step of a stage until the next call of this method or of <see cref="Open"/>. Neither call releases a step that is already blocked.
    /// Such a step ends only by cancellation.
    /// </summary>
    /// <param name="stage">The stage.</param>
    /// <param name="isAfter">Whether a step is blocked after its work, so that only its result is lost.</param>
    /// <returns>A task that completes when a step is blocked.</returns>
    public Task HoldAt(string stage, bool isAfter)
    {
        lock (_lock)
        {
            (_stage, _isAfter, _reached) = (stage, isAfter, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
            return _reached.Task;
        }
    }

    /// <summary>Blocks no further steps.</summary>
    public void Open()
    {
        lock (_lock)
        {
            _stage = null;
        }
    }

    private async Task HoldAsync(string stage, bool isAfter, CancellationToken cancellationToken)
    {
        TaskCompletionSource reached;
        lock (_lock)
        {
            if (_stage != stage || _isAfter != isAfter)
            {
                return;
            }

            reached = _reached;
        }

        reached.TrySetResult();
        await Never.CompletesAsync(cancellationToken);
    }

    private sealed class Factory(StepGate gate) : IServiceProviderFactory<IServiceCollection>
    {
        private readonly DefaultServiceProviderFactory _inner = new();

        public IServiceCollection CreateBuilder(IServiceCollection services) => services;

        public IServiceProvider CreateServiceProvider(IServiceCollection containerBuilder)
        {
            containerBuilder.AddSingleton<Rollout>();
            containerBuilder.Replace(ServiceDescriptor.Singleton<IActionExecutor<RolloutPlan>>(provider => new Executor(provider.GetRequiredService<Rollout>(), gate)));
            return _inner.CreateServiceProvider(containerBuilder);
        }
    }

    private sealed class Executor(Rollout inner, StepGate gate) : IActionExecutor<RolloutPlan>
    {
        public async Task<StepResult> StepAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken)
        {
            await gate.HoldAsync(record.Stage, isAfter: false, cancellationToken);
            var result = await inner.StepAsync(record, plan, cancellationToken);
            await gate.HoldAsync(record.Stage, isAfter: true, cancellationToken);
            return result;
        }

        public Task<CancelAnswer?> CancelAsync(ActionRecord record, RolloutPlan plan, CancellationToken cancellationToken) => inner.CancelAsync(record, plan, cancellationToken);
    }
}
