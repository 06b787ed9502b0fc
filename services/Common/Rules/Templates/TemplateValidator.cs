using Fluid.Ast;
using Fluid.Values;

using MLEvents.Events;
using MLEvents.Rules.Reading;

namespace MLEvents.Rules.Templates;

/// <summary>Finds unknown variables, unknown filters and wrong arguments of filters when a template is parsed, before it is rendered.</summary>
internal sealed class TemplateValidator : AstVisitor
{
    private const int MaxDepth = 100;

    private static readonly string[] Roots = ["id", "source", "type", "eventType", "subject", "time", "data", "workspace", "studioUrl", "correlationId", TemplateModel.DriftRoot, TemplateModel.ActionRoot];

    /// <summary>The members of the variables whose members are fixed.</summary>
    private readonly Dictionary<string, string[]?> _members = new(StringComparer.Ordinal)
    {
        ["workspace"] = ["subscriptionId", "resourceGroup", "name", "id"],
        [TemplateModel.DriftRoot] = [.. Drift.Members],
        [TemplateModel.ActionRoot] = TemplateModel.ActionMembers,
        [TemplateModel.ModelRoot] = ["name", "version", "id"],
    };

    private readonly LiquidSource _source;
    private readonly List<string> _known;
    private readonly List<(int Offset, string Root)> _roots = [];
    private readonly List<(int Offset, string Message)> _problems = [];
    private int _place;
    private int _depth;

    private TemplateValidator(LiquidSource source, IReadOnlyCollection<string> extra) => (_source, _known) = (source, [.. Roots, .. extra]);

    /// <summary>Checks the variables and filters of a template.</summary>
    /// <returns>The names of the variables that the template uses.</returns>
    /// <exception cref="TemplateException">
    /// A variable or filter is unknown, a filter has wrong arguments, or the template nests too deeply for a safe run.
    /// </exception>
    public static IReadOnlySet<string> Check(IReadOnlyList<Statement> statements, LiquidSource source, IReadOnlyCollection<string> extra)
    {
        var validator = new TemplateValidator(source, extra);
        foreach (var statement in statements)
        {
            validator.Visit(statement);
        }

        if (validator.Problems().OrderBy(problem => problem.Offset).Select(problem => ((int, string)?)problem).FirstOrDefault() is var (offset, message))
        {
            throw source.Error(offset, message);
        }

        return validator._roots.Select(used => used.Root).ToHashSet(StringComparer.Ordinal);
    }

    /// <inheritdoc/>
    public override Statement? Visit(Statement? statement) => Within(statement, base.Visit);

    /// <inheritdoc/>
    public override Expression? Visit(Expression? expression) => Within(expression, base.Visit);

    /// <inheritdoc/>
    protected override Statement VisitAssignStatement(AssignStatement assignStatement)
    {
        // Unknown names are reported only at the end, because in a loop, the next iteration may use a name above its assignment.
        _known.Add(assignStatement.Identifier);
        base.VisitAssignStatement(assignStatement);

        // The members are removed last, because the assigned value may still use the earlier variable with this name.
        _members.Remove(assignStatement.Identifier);
        return assignStatement;
    }

    /// <inheritdoc/>
    protected override Statement VisitForStatement(ForStatement forStatement)
    {
        _known.AddRange([forStatement.Identifier, "forloop"]);
        var outside = _members.GetValueOrDefault(forStatement.Identifier);
        _members[forStatement.Identifier] = IsPrevious(forStatement.Source) ? ChainEvent.Members : null;
        base.VisitForStatement(forStatement);
        _members[forStatement.Identifier] = outside;
        return forStatement;
    }

    /// <inheritdoc/>
    protected override Expression VisitFilterExpression(FilterExpression filterExpression)
    {
        if (FilterSignature.FindProblem(filterExpression) is { } problem)
        {
            _problems.Add((_place, problem));
        }

        return base.VisitFilterExpression(filterExpression);
    }

    /// <inheritdoc/>
    protected override Expression VisitMemberExpression(MemberExpression memberExpression)
    {
        var segments = memberExpression.Segments;
        var root = ((IdentifierSegment)segments[0]).Identifier;
        _roots.Add((_place, root));
        if (segments.Count > 1 && Name(segments[1]) is { } member && _members.GetValueOrDefault(root) is { } members && !members.Contains(member))
        {
            _problems.Add((_place, $"unknown variable '{root}.{member}'{Suggestion.Hint(member, members)}"));
        }

        foreach (var indexer in segments.OfType<IndexerSegment>())
        {
            Visit(indexer.Expression);
        }

        return memberExpression;
    }

    private static bool IsPrevious(Expression source) => source is MemberExpression { Segments: [IdentifierSegment { Identifier: TemplateModel.PreviousRoot }] };

    private static string? Name(MemberSegment segment) => segment switch
    {
        IdentifierSegment identifier => identifier.Identifier,
        IndexerSegment { Expression: LiteralExpression { Value: StringValue text } } => text.ToStringValue(),
        _ => null,
    };

    // Parts that the author omitted from a tag are null.
    private T? Within<T>(T? node, Func<T, T> visit)
        where T : class
    {
        if (node is null)
        {
            return null;
        }

        _place = _source.StartOf(node) ?? _place;
        if (++_depth > MaxDepth)
        {
            throw _source.TooDeep(_place);
        }

        visit(node);
        _depth--;
        return node;
    }

    private IEnumerable<(int Offset, string Message)> Problems() =>
        _problems.Concat(_roots
            .Where(used => !_known.Contains(used.Root))
            .Select(used => (used.Offset, $"unknown variable '{used.Root}'{Suggestion.Hint(used.Root, _known)}")));
}
