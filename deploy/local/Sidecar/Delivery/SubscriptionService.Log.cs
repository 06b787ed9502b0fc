namespace MLEvents.Local.Sidecar.Delivery;

/// <content>Log messages.</content>
internal sealed partial class SubscriptionService
{
    [LoggerMessage(1, LogLevel.Information, "Waiting for the app on port {Port}")]
    private partial void LogWaiting(int port);

    [LoggerMessage(2, LogLevel.Information, "App discovered on port {Port}")]
    private partial void LogDiscovered(int port);

    [LoggerMessage(3, LogLevel.Information, "Subscribed to topic {Topic} through {PubSub}")]
    private partial void LogSubscribed(string topic, string pubSub);

    [LoggerMessage(4, LogLevel.Error, "The subscription to topic {Topic} uses the pub/sub component {PubSub}, which is not loaded; add it to the resources or correct the name")]
    private partial void LogUnknownPubSub(string topic, string pubSub);

    [LoggerMessage(5, LogLevel.Error, "The metadata of {PubSub} does not allow the app {AppId} to use topic {Topic}; the subscription is left out")]
    private partial void LogForbidden(string topic, string pubSub, string appId);

    [LoggerMessage(EventId = 6, Message = "The app answered {Status} to GET /dapr/subscribe; the app has no programmatic subscriptions")]
    private partial void LogNoAnswer(LogLevel level, int status);

    [LoggerMessage(7, LogLevel.Error, "The app's answer to GET /dapr/subscribe is not a list of subscriptions; the app has no programmatic subscriptions")]
    private partial void LogBadAnswer(Exception exception);

    [LoggerMessage(8, LogLevel.Error, "{Problem}")]
    private partial void LogProblem(string problem);

    [LoggerMessage(9, LogLevel.Debug, "Stopped before the app was found")]
    private partial void LogStoppedEarly();

    [LoggerMessage(10, LogLevel.Warning, "The broker {PubSub} could not store the subscription to topic {Topic}; retrying")]
    private partial void LogNotSubscribed(Exception exception, string topic, string pubSub);

    [LoggerMessage(11, LogLevel.Critical, "The app's subscriptions could not be started; the sidecar does not become ready")]
    private partial void LogNotStarted(Exception exception);
}
