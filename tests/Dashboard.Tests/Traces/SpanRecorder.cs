using System.Diagnostics;

using MLEvents.Tests.Common;

namespace MLEvents.Dashboard.Tests.Traces;

/// <summary>Records the spans of the services, of ASP.NET Core and of HTTP clients in this process, as an exporter does.</summary>
internal sealed class SpanRecorder : IDisposable
{
    private readonly ActivityListener _listener;

    public SpanRecorder()
    {
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name.StartsWith("MLEvents.", StringComparison.Ordinal) || source.Name is "Microsoft.AspNetCore" or "System.Net.Http",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = Ended.Add,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>The spans that have ended.</summary>
    public ObservedItems<Activity> Ended { get; } = new();

    public void Dispose() => _listener.Dispose();
}
