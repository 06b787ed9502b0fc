using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Microsoft.EntityFrameworkCore.Storage.ValueConversion;

namespace MLEvents.Dashboard.History;

/// <summary>The tables of the history. The two derived classes contain the differences between the databases.</summary>
internal abstract class HistoryContext(DbContextOptions options) : DbContext(options)
{
    public DbSet<StoredEvent> Events => Set<StoredEvent>();

    public DbSet<StoredAction> Actions => Set<StoredAction>();

    public DbSet<StoredChange> Changes => Set<StoredChange>();

    public DbSet<StoredQuestion> Questions => Set<StoredQuestion>();

    public DbSet<StoredDecision> Decisions => Set<StoredDecision>();

    public DbSet<RuleLoad> RuleLoads => Set<RuleLoad>();

    public DbSet<StoredRuleFile> RuleFiles => Set<StoredRuleFile>();

    public DbSet<AuditEntry> Audit => Set<AuditEntry>();

    public DbSet<BulkRun> BulkRuns => Set<BulkRun>();

    public DbSet<BulkItem> BulkItems => Set<BulkItem>();

    public DbSet<ProtectionKey> ProtectionKeys => Set<ProtectionKey>();

    /// <summary>The largest number of rows in one INSERT statement.</summary>
    public abstract int RowsPerInsert { get; }

    /// <summary>Begins the transaction of a write. Only one replica writes at a time, because every write changes the counts of the current hour.</summary>
    public virtual Task<IDbContextTransaction> BeginWriteAsync(CancellationToken cancellationToken) => Database.BeginTransactionAsync(cancellationToken);

    /// <summary>
    /// Returns the number of transactions that all replicas have written; 0 if the database does not count them. SQLite does not count them, because only one replica uses its file.
    /// <see cref="HistorySignal.Writes"/> counts the transactions of that replica.
    /// </summary>
    public virtual Task<long> CountWritesAsync(CancellationToken cancellationToken) => Task.FromResult(0L);

    /// <summary>The events that have all of the terms.</summary>
    public abstract IQueryable<StoredEvent> EventsWithTerms(IReadOnlyList<string> terms);

    /// <summary>The events whose subject begins with a prefix, case-sensitive. The query uses the index of subjects.</summary>
    public abstract IQueryable<StoredEvent> EventsWithSubject(string prefix);

    /// <summary>Inserts events that are not stored yet, with their terms. The keys of the events must be distinct.</summary>
    public abstract Task InsertEventsAsync(IReadOnlyList<EventEntry> entries, CancellationToken cancellationToken);

    /// <summary>Deletes events with their terms.</summary>
    public abstract Task<int> DeleteEventsAsync(IReadOnlyList<long> seqs, CancellationToken cancellationToken);

    /// <summary>Applies pending migrations. Replicas that start at the same time wait for each other.</summary>
    public abstract Task MigrateAsync(CancellationToken cancellationToken);

    /// <summary>Whether a failure would affect every write (database unreachable, locked or full), and not only the entries of this write.</summary>
    public abstract bool IsUnavailable(Exception exception);

    /// <summary>Returns a string that is greater than all strings with a prefix, in the order of code points.</summary>
    protected static string EndOf(string prefix) => $"{prefix}\U0010FFFF";

    /// <inheritdoc/>
    protected override void ConfigureConventions(ModelConfigurationBuilder configurationBuilder) =>
        configurationBuilder.Properties<DateTimeOffset>().HaveConversion<UtcTicks>();

    /// <inheritdoc/>
    protected override void OnModelCreating(ModelBuilder modelBuilder)
    {
        AddEventsAndActions(modelBuilder);
        AddApprovals(modelBuilder);
        modelBuilder.Entity<RuleLoad>(load =>
        {
            load.ToTable("RuleLoads").HasKey(one => one.Id);
            load.HasIndex(one => new { one.Service, one.At });
        });
        modelBuilder.Entity<StoredRuleFile>(file => file.ToTable("RuleFiles").HasKey(one => new { one.Service, one.Version, one.Path }));
        modelBuilder.Entity<AuditEntry>(entry => entry.ToTable("Audit").HasIndex(one => one.At));
        modelBuilder.Entity<BulkRun>(run => run.ToTable("BulkRuns").HasKey(one => one.Id));
        modelBuilder.Entity<BulkItem>(item => item.ToTable("BulkItems").HasKey(one => new { one.RunId, one.ActionId }));
        modelBuilder.Entity<ProtectionKey>(key => key.ToTable("ProtectionKeys").HasKey(one => one.Name));
    }

    private static void AddEventsAndActions(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<StoredEvent>(stored =>
        {
            stored.ToTable("Events").HasKey(one => one.Seq);
            stored.HasIndex(one => one.Key).IsUnique();
            stored.HasIndex(one => one.Id);
            stored.HasIndex(one => one.CorrelationId);
            stored.HasIndex(one => one.Time);
            stored.HasIndex(one => new { one.Type, one.Seq });
            stored.HasIndex(one => new { one.Workspace, one.Seq });
            stored.HasIndex(one => new { one.Model, one.Seq });
        });
        modelBuilder.Entity<StoredAction>(action =>
        {
            action.ToTable("Actions").HasKey(one => one.Id);
            action.Ignore(one => one.IsFinished);
            action.HasIndex(one => one.EventKey);
            action.HasIndex(one => one.CorrelationId);
            action.HasIndex(one => one.UpdatedAt);
            action.HasIndex(one => new { one.Status, one.UpdatedAt });
            action.HasIndex(one => new { one.Service, one.Rule, one.UpdatedAt });
        });
        modelBuilder.Entity<StoredChange>(change =>
        {
            change.ToTable("Changes").HasKey(one => one.Id);
            change.HasIndex(one => one.ActionId);
            change.HasIndex(one => one.CorrelationId);
            change.HasIndex(one => one.Time);
        });
    }

    private static void AddApprovals(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<StoredQuestion>(question =>
        {
            question.ToTable("Questions").HasKey(one => one.Id);
            question.HasIndex(one => one.AskedAt);
            question.HasIndex(one => one.ExpiresAt);
        });
        modelBuilder.Entity<StoredDecision>(decision =>
        {
            decision.ToTable("Decisions").HasKey(one => one.Id);
            decision.HasIndex(one => one.QuestionId);
            decision.HasIndex(one => one.At);
        });
    }

    // Times are stored as numbers, because SQLite has no type for times, and both databases compare numbers in the same way.
    internal sealed class UtcTicks() : ValueConverter<DateTimeOffset, long>(time => time.UtcTicks, ticks => new DateTimeOffset(ticks, TimeSpan.Zero));
}
