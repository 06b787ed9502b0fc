using MLEvents.Events;
using MLEvents.Rules.Indexing;

namespace MLEvents.Rules;

/// <summary>A snapshot of the rules of one file.</summary>
/// <typeparam name="TRule">The kind of rule.</typeparam>
/// <param name="Version">
/// The first 12 hexadecimal digits of the SHA-256 of every byte read: the rule file and all files that it names. <c>none</c> if the rule file is missing.
/// </param>
/// <param name="File">The file's path.</param>
/// <param name="Rules">The rules in the order of the file, disabled ones included.</param>
public sealed record RuleSet<TRule>(string Version, string File, IReadOnlyList<TRule> Rules)
    where TRule : Rule
{
    private const string NoVersion = "none";

    private readonly RuleIndex _index = RuleIndex.Create(Rules);

    /// <summary>The rules in the order of the file, disabled ones included.</summary>
    public IReadOnlyList<TRule> Rules { get; } = Rules;

    /// <summary>Valid content that is probably a mistake, in the order of the file.</summary>
    public IReadOnlyList<RuleError> Warnings { get; init; } = [];

    /// <summary>The text of each file that was read, by its path in the rules folder. The same files give the same <see cref="Version"/>.</summary>
    public IReadOnlyDictionary<string, string> Files { get; init; } = new Dictionary<string, string>();

    /// <summary>Whether the rule file is missing, so that there are no rules.</summary>
    public bool IsWithoutFile => Version == NoVersion;

    /// <summary>Whether an enabled rule names the event type <c>ActionChanged</c>.</summary>
    public bool NamesActions => Rules.Any(rule => rule.Enabled && rule.When.NamesActions);

    /// <summary>The empty rule set of a service whose rule file is missing.</summary>
    internal static RuleSet<TRule> WithoutFile(string file) => new(NoVersion, file, []);

    /// <summary>The enabled rules whose condition holds for an event, in the order of the file.</summary>
    /// <remarks>The cost grows with the number of rules that can match the event, not with the number of all rules.</remarks>
    public IEnumerable<TRule> Matching(WorkflowEvent workflowEvent)
    {
        foreach (var candidate in _index.CandidatesFor(workflowEvent))
        {
            if (Rules[candidate].Matches(workflowEvent))
            {
                yield return Rules[candidate];
            }
        }
    }
}
