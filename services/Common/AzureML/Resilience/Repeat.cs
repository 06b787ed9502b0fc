namespace MLEvents.AzureML;

/// <summary>When a call may be made again.</summary>
internal enum Repeat
{
    /// <summary>After every failure that may pass: doing it twice is doing it once.</summary>
    WhenTransient,

    /// <summary>Only after an answer that says nothing was done: doing it twice does two things.</summary>
    WhenNotDone,
}
