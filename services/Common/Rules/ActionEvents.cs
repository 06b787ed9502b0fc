using Microsoft.Extensions.Logging;

namespace MLEvents.Rules;

/// <summary>Decides whether a service subscribes to changes of actions (<c>MLEvents.ActionChanged</c>). A service subscribes if one of its rules names the event type when the service starts.</summary>
/// <remarks>
/// Each action publishes at least two such events. A service whose rules do not name the event type therefore does not subscribe.
/// Rules that are loaded later cannot change this, because Dapr reads the subscriptions only once.
/// </remarks>
/// <typeparam name="TRule">The kind of rule.</typeparam>
public sealed partial class ActionEvents<TRule>
    where TRule : Rule
{
    private readonly RuleSource<TRule> _rules;

    /// <summary>Decides whether the service subscribes, from the rules in force.</summary>
    /// <param name="rules">The rules.</param>
    /// <param name="logger">The log.</param>
    public ActionEvents(RuleSource<TRule> rules, ILogger<ActionEvents<TRule>> logger)
    {
        _rules = rules;
        IsSubscribed = rules.Current.NamesActions;
        if (IsSubscribed)
        {
            LogSubscribed(logger, rules.Current.File);
        }
    }

    /// <summary>Whether the service subscribes.</summary>
    public bool IsSubscribed { get; }

    /// <summary>Whether rules that were loaded after the start need the subscription.</summary>
    public bool IsMissing => !IsSubscribed && _rules.Current.NamesActions;

    [LoggerMessage(1, LogLevel.Information, "Rules of {File} name ActionChanged: the service subscribes to the changes of actions")]
    private static partial void LogSubscribed(ILogger logger, string file);
}
