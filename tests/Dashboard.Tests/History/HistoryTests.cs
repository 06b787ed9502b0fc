using System.Globalization;
using System.Xml.Linq;

using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Testing;

using MLEvents.Dashboard.Access;
using MLEvents.Dashboard.Bulk;
using MLEvents.Dashboard.Charts;
using MLEvents.Dashboard.History;
using MLEvents.Dashboard.Operating;
using MLEvents.Dashboard.Recording;
using MLEvents.Events;
using MLEvents.Tests.Services;

namespace MLEvents.Dashboard.Tests.History;

/// <summary>The tests of the history, which run on SQLite and on PostgreSQL.</summary>
public abstract class HistoryTests
{
    // PostgreSQL refuses an index entry of this length.
    private static readonly string LongSubject = $"long/{string.Concat(Enumerable.Range(0, 1000).Select(number => $"{number * 7919}/"))}";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // Returns the query plan. PostgreSQL scans a small table even if there is an index, unless a setting prevents it.
    private static async Task<string> PlanAsync(HistoryConnection connection, Sql query)
    {
        var isPostgreSql = connection is PostgreSqlHistoryConnection;
        if (isPostgreSql)
        {
            await connection.ExecuteAsync($"SET enable_seqscan = off", Token);
        }

        var plan = await connection.QueryAsync($"EXPLAIN {Sql.Text(isPostgreSql ? "" : "QUERY PLAN")} {query}", row => $"{row[row.FieldCount - 1]}", Token);
        return string.Join('\n', plan);
    }

    /// <summary>Creates an empty database, and returns the options for it.</summary>
    internal abstract Task<HistoryOptions> CreateAsync(CancellationToken cancellationToken);

    private async Task<HistoryFixture> StartAsync() => await HistoryFixture.StartAsync(await CreateAsync(Token), Token);

    [Fact]
    public async Task A_database_that_Entity_Framework_migrated_gets_only_the_later_migrations()
    {
        using var database = new HistoryDatabase(Microsoft.Extensions.Options.Options.Create(await CreateAsync(Token)));
        await using var connection = database.Open();
        await CreateAsEntityFrameworkDidAsync(connection, Scripts(connection).Take(2));

        await database.MigrateAsync(Token);

        Assert.Equal(Scripts(connection).Select(script => script.Id), await AppliedAsync(connection));
        Assert.Equal(2, await connection.CountAsync($"""SELECT COUNT(*) FROM "__EFMigrationsHistory" WHERE "ProductVersion" = '10.0.12'""", Token));
    }

    [Fact]
    public async Task A_migration_that_fails_changes_nothing_and_is_repeated()
    {
        using var database = new HistoryDatabase(Microsoft.Extensions.Options.Options.Create(await CreateAsync(Token)));
        await using var connection = database.Open();
        await database.MigrateAsync(Token);
        await connection.ExecuteAsync($"""DELETE FROM "__EFMigrationsHistory" WHERE "MigrationId" LIKE '%SubjectsAndGenerations'; ALTER TABLE "BulkItems" DROP COLUMN "Generation";""", Token);

        // The script adds the column, and then fails because another column exists.
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => database.MigrateAsync(Token));
        Assert.Equal(Scripts(connection).Select(script => script.Id).Where(id => !id.EndsWith("SubjectsAndGenerations", StringComparison.Ordinal)), await AppliedAsync(connection));
        await connection.ExecuteAsync($"""DROP INDEX "IX_Events_Subject"; ALTER TABLE "BulkRuns" DROP COLUMN "AuditId";""", Token);
        await database.MigrateAsync(Token);

        Assert.Equal(Scripts(connection).Select(script => script.Id), await AppliedAsync(connection));
    }

    [Fact]
    public async Task Three_replicas_migrate_an_empty_database_at_the_same_time()
    {
        var options = Microsoft.Extensions.Options.Options.Create(await CreateAsync(Token));
        var replicas = Enumerable.Range(0, 3).Select(_ => new HistoryDatabase(options)).ToList();

        await Task.WhenAll(replicas.Select(replica => Task.Run(() => MigrateUntilDoneAsync(replica), Token)));

        Assert.All(replicas, replica => Assert.True(replica.Ready.IsCompletedSuccessfully));
        replicas.ForEach(replica => replica.Dispose());
    }

    [Fact]
    public async Task An_event_that_is_delivered_twice_is_stored_once()
    {
        await using var history = await StartAsync();
        var drift = SampleEvents.Create("DatasetDriftDetected", """{"driftCoefficient": 0.41}""", id: "drift-1");

        await Task.WhenAll(history.AddAsync(drift, Token), history.AddAsync(drift, Token));
        await history.AddAsync(drift, Token);

        var stored = Assert.Single(await history.Queries.SearchAsync(new(), Token));
        Assert.Equal(("drift-1", "ml-local", drift.Envelope.GetRawText()), (stored.Id, stored.Workspace, stored.Envelope));
        Assert.Single(await history.Queries.SearchAsync(new() { Path = "data.driftCoefficient", Value = "0.41" }, Token));
    }

    [Theory]
    [InlineData("accepted 1 0, running 1 1, succeeded 1 2", "succeeded")]
    [InlineData("succeeded 1 2, running 1 1, accepted 1 0", "succeeded")]
    [InlineData("failed 1 2, running 2 3, running 1 1, accepted 1 0", "running")]
    [InlineData("running 2 3, succeeded 2 4, failed 1 2, accepted 1 0", "succeeded")]
    public async Task Changes_in_any_order_lead_to_the_latest_state_and_the_earliest_start(string changes, string status)
    {
        await using var history = await StartAsync();
        foreach (var change in changes.Split(", ").Select(change => change.Split(' ')))
        {
            await history.ChangeAsync("a1", change[0], int.Parse(change[1], CultureInfo.InvariantCulture), int.Parse(change[2], CultureInfo.InvariantCulture), Token);
        }

        var action = await history.Queries.FindActionAsync("a1", Token);

        Assert.Equal((status, HistoryFixture.Noon), (action?.Status, action?.StartedAt));
        Assert.Equal(changes.Split(", ").Length, (await history.Queries.ChangesOfActionAsync("a1", Token)).Count);
    }

    [Fact]
    public async Task Changes_of_one_action_in_one_batch_lead_to_the_latest_state()
    {
        await using var history = await StartAsync();

        await Task.WhenAll(Enumerable.Range(1, 50).Select(attempt => history.ChangeAsync("a1", attempt == 50 ? "failed" : "running", attempt, attempt, Token)));

        var action = await history.Queries.FindActionAsync("a1", Token);
        Assert.Equal(("failed", 50, HistoryFixture.Noon.AddSeconds(1), "at 50"), (action?.Status, action?.Attempt, action?.StartedAt, action?.Detail));
    }

    [Fact]
    public async Task An_event_is_found_by_type_workspace_subject_model_time_words_and_data_path()
    {
        await using var history = await StartAsync();
        await history.AddAsync(SampleEvents.Create("RunStatusChanged", """{"runStatus": "Failed", "tags": {"team": "Ann Arbor"}, "metrics": [1.5, 2]}""", "experiments/churn/runs/1", "run-1", "2026-11-01T10:00:00Z"), Token);
        await history.AddAsync(SampleEvents.Create("ModelRegistered", """{"modelName": "churn", "modelVersion": "3"}""", "models/churn:3", "model-1", "2026-11-01T11:00:00Z"), Token);

        await FindsAsync(history, "run-1", new() { Type = EventTypes.RunStatusChanged });
        await FindsAsync(history, "run-1", new() { Subject = "experiments/churn/*" });
        await FindsAsync(history, "run-1", new() { To = HistoryFixture.Noon.AddHours(-1.5) });
        await FindsAsync(history, "run-1", new() { Path = "data.runStatus", Value = "failed" });
        await FindsAsync(history, "run-1", new() { Path = "data.tags.team", Value = "Ann Arbor" });
        await FindsAsync(history, "run-1", new() { Path = "data.metrics", Value = "1.5" });
        await FindsAsync(history, "run-1", new() { Text = "arbor FAILED", Workspace = "ml-local" });
        await FindsAsync(history, "model-1", new() { Model = "churn", From = HistoryFixture.Noon.AddHours(-1.5) });
        await FindsAsync(history, "model-1", new() { Subject = "models/churn:3" });
        Assert.Empty(await history.Queries.SearchAsync(new() { Path = "data.runStatus", Value = "Completed" }, Token));
        Assert.Empty(await history.Queries.SearchAsync(new() { Workspace = "other" }, Token));
        Assert.Empty(await history.Queries.SearchAsync(new() { Text = "\"churn\" OR 'x", Type = "none" }, Token));
        Assert.Equal(["model-1", "run-1"], (await history.Queries.SearchAsync(new() { Text = "churn" }, Token)).Select(stored => stored.Id));
    }

    [Theory]
    [InlineData("runs/a*", "runs/a", "runs/ab", "runs/a/1")]
    [InlineData("RUNS/*")]
    [InlineData("runs/%*", "runs/%")]
    [InlineData("runs/a_*")]
    [InlineData("runs/é*", "runs/é", "runs/éclair")]
    [InlineData("runs/\U0001F600*", "runs/\U0001F600x")]
    [InlineData("*", "runs/a", "runs/ab", "runs/a/1", "runs/%", "runs/é", "runs/éclair", "runs/\U0001F600x", "run", "")]
    public async Task An_event_is_found_by_the_beginning_of_its_subject_regardless_of_the_index(string subject, params string[] expected)
    {
        await using var history = await StartAsync();
        var subjects = new[] { "runs/a", "runs/ab", "runs/a/1", "runs/%", "runs/é", "runs/éclair", "runs/\U0001F600x", "run", "", LongSubject };
        foreach (var stored in subjects)
        {
            await history.AddAsync(SampleEvents.Create("RunCompleted", """{"team": "a"}""", stored), Token);
        }

        // The second search uses the index of terms instead of the index of subjects.
        var byIndex = await history.Queries.SearchAsync(new() { Subject = subject }, Token);
        var byTerm = await history.Queries.SearchAsync(new() { Subject = subject, Path = "data.team", Value = "a" }, Token);
        var older = await history.Queries.SearchAsync(new() { Subject = subject, Before = byIndex is [var newest, ..] ? newest.Seq : 0 }, Token);

        var all = subject == "*" ? expected.Append(LongSubject) : expected;
        Assert.Equal(all.Order(StringComparer.Ordinal), byIndex.Select(stored => stored.Subject).Order(StringComparer.Ordinal));

        // The event with the long subject has too many words. The term of its data is beyond the limit of terms, so the second search does not find it.
        Assert.Equal(byIndex.Where(stored => stored.Subject != LongSubject), byTerm);
        Assert.Equal(byIndex.Skip(1), older);
        Assert.Single(await history.Queries.SearchAsync(new() { Subject = $"{LongSubject[..500]}*" }, Token));
        Assert.Empty(await history.Queries.SearchAsync(new() { Subject = $"{LongSubject[..500]}y*" }, Token));
    }

    [Fact]
    public async Task A_search_that_finds_more_events_than_are_read_from_the_index_returns_the_latest_events()
    {
        await using var history = await StartAsync();
        foreach (var part in Enumerable.Range(0, 10_010).Chunk(1000))
        {
            await Task.WhenAll(part.Select(number => history.AddAsync(SampleEvents.Create("RunCompleted", """{"team": "a"}""", "runs/many", $"many-{number}"), Token)));
        }

        await history.AddAsync(SampleEvents.Create("RunCompleted", """{"team": "a"}""", "runs/many", "latest"), Token);

        foreach (var search in new EventSearch[] { new() { Path = "data.team", Value = "a", Limit = 2 }, new() { Subject = "runs/*", Limit = 2 } })
        {
            var found = await history.Queries.SearchAsync(search, Token);
            Assert.Equal(2, found.Count);
            Assert.Equal("latest", found[0].Id);
            Assert.Single(await history.Queries.SearchAsync(search with { Text = "latest" }, Token));
        }
    }

    [Fact]
    public async Task Searches_use_an_index()
    {
        await using var history = await StartAsync();
        await using var connection = history.Database.Open();
        string[] two = ["a", "b"];

        var subjects = await PlanAsync(connection, $"""SELECT "Seq" FROM "Events" WHERE {connection.HasSubjectPrefix("runs/a")}""");
        var failed = await PlanAsync(connection, $"""SELECT * FROM "Actions" WHERE {connection.AnyOf("Status", ["failed"])} ORDER BY "UpdatedAt" DESC LIMIT 5""");
        var unfinished = await PlanAsync(connection, $"""SELECT * FROM "Actions" WHERE {connection.AnyOf("Status", two)} AND {Sql.Compare("UpdatedAt", ">=", HistoryFixture.Noon)!}""");
        var chain = await PlanAsync(connection, $"""SELECT * FROM "Events" WHERE {Sql.Compare("CorrelationId", "=", "c")!} OR {connection.AnyOf("Key", two)}""");
        var seqs = await PlanAsync(connection, $"""SELECT * FROM "Events" WHERE {connection.AnyOf("Seq", [1L, 2L])}""");

        Assert.Contains("IX_Events_Subject", subjects, StringComparison.Ordinal);
        Assert.Matches(@"Index Cond|Subject>\? AND Subject<\?", subjects);
        Assert.Contains("IX_Actions_Status_UpdatedAt", failed, StringComparison.Ordinal);
        Assert.DoesNotMatch("Sort|ORDER BY", failed);
        Assert.Contains("IX_Actions_Status_UpdatedAt", unfinished, StringComparison.Ordinal);
        Assert.Contains("IX_Events_CorrelationId", chain, StringComparison.Ordinal);
        Assert.Contains("IX_Events_Key", chain, StringComparison.Ordinal);
        Assert.Matches(@"PK_Events|INTEGER PRIMARY KEY", seqs);
    }

    [Fact]
    public async Task Pages_follow_each_other_without_gap_or_overlap()
    {
        await using var history = await StartAsync();
        await Task.WhenAll(Enumerable.Range(0, 25).Select(number => history.AddAsync(SampleEvents.Create("RunCompleted", """{"team": "a"}"""), Token)));
        var (seen, before) = (new List<long>(), (long?)null);

        while (await history.Queries.SearchAsync(new() { Path = "data.team", Value = "a", Limit = 10, Before = before }, Token) is { Count: > 0 } page)
        {
            seen.AddRange(page.Select(stored => stored.Seq));
            before = page[^1].Seq;
        }

        Assert.Equal(25, seen.Distinct().Count());
        Assert.Equal(seen.OrderDescending(), seen);
    }

    [Fact]
    public async Task An_event_with_text_that_a_database_refuses_is_stored()
    {
        await using var history = await StartAsync();

        await history.AddAsync(SampleEvents.Create("RunCompleted", """{"text": "nul \u0000 here, emoji 😀"}""", "runs/nul\0", "nul-1"), Token);

        Assert.Equal("runs/nul\uFFFD", (await history.Queries.FindEventsByIdAsync("nul-1", Token)).Single().Subject);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0xD800)]
    public async Task Text_that_a_database_refuses_can_be_searched_and_recorded(int character)
    {
        var text = $"churn{(char)character}";
        await using var history = await StartAsync();
        await history.ChangeAsync("a1", "failed", 1, 1, Token, rule: text);

        var found = await history.Queries.ActionsAsync(new() { Rule = text, Statuses = ["failed", text] }, Token);
        var entry = await new AuditLog(history.Database, history.Time, NullLogger<AuditLog>.Instance).BeginAsync(text, "retry", text, Token);
        var run = await new BulkStore(history.Database, history.Time).CreateAsync(new("retry", "", "", text), "run-1", entry, text, found, Token);

        Assert.Equal("churn\uFFFD", Assert.Single(found).Rule);
        Assert.Equal("churn\uFFFD", Assert.Single(await history.Queries.AuditAsync(before: null, limit: 1, Token)).Target);
        Assert.Equal(text, run.Reason);
        Assert.Empty(await history.Queries.SearchAsync(new() { Type = text, Workspace = text, Model = text, Subject = $"{text}*", Text = text, Path = $"data.{text}", Value = text }, Token));
        Assert.Null(await history.Queries.FindEventAsync(text, Token));
    }

    [Fact]
    public async Task An_entry_that_cannot_be_stored_does_not_affect_the_other_entries()
    {
        await using var history = await StartAsync();
        var entry = EventEntries.From(SampleEvents.Create("RunCompleted", id: "bad"), HistoryFixture.Noon);
        var writes = Enumerable.Range(0, 20).Select(number => history.AddAsync(SampleEvents.Create("RunCompleted"), Token)).ToList();

        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => history.WriteAsync(entry with { Event = entry.Event with { Envelope = Missing() } }, Token));

        await Task.WhenAll(writes);
        Assert.Equal(20, (await history.Queries.SearchAsync(new(), Token)).Count);
    }

    [Fact]
    public async Task Every_column_that_is_written_is_read_again()
    {
        await using var history = await StartAsync();
        await using var connection = history.Database.Open();
        var (workflowEvent, time) = (SampleEvents.Create("RunCompleted", """{"team": "a"}""", "runs/1", "run-1"), HistoryFixture.Noon.AddTicks(1));
        var stored = EventEntries.From(workflowEvent, time) is EventEntry entry ? entry with { Event = entry.Event with { Model = "churn", ModelVersion = "3" } } : throw new InvalidOperationException("The entry is not an event.");
        var action = new StoredAction
        {
            Id = "a1",
            Service = "retrainer",
            Rule = "churn",
            RuleVersion = "v1",
            Status = "failed",
            Stage = "run",
            Attempt = 2,
            Generation = 3,
            CorrelationId = "c",
            EventKey = "k",
            EventId = "e",
            EventType = "t",
            EventSubject = "s",
            Detail = null,
            Links = """{"studio":"x"}""",
            StartedAt = time,
            UpdatedAt = time.AddTicks(1),
            Rank = 2,
        };
        var change = new StoredChange { Id = "x", ActionId = "a1", Service = "retrainer", Rule = "churn", Status = "failed", Stage = "run", Attempt = 2, Generation = 3, CorrelationId = "c", Detail = "why", Time = time };
        var question = new StoredQuestion
        {
            Id = "a1-3",
            ActionId = "a1",
            Generation = 3,
            Service = "retrainer",
            Rule = "churn",
            CorrelationId = "c",
            EventKey = "k",
            EventType = "t",
            EventSubject = "s",
            AskedPeople = "ann",
            Before = "start",
            Evidence = "{}",
            Links = "{}",
            AskedAt = time,
            ExpiresAt = time.AddHours(1),
            OnTimeout = "reject",
            Required = 2,
        };
        var decision = new StoredDecision { Id = "d", QuestionId = "a1-3", Decision = "approved", DecidedBy = "ann", Comment = null, At = time, IsFinal = true };
        var rules = Rules("v1", 0);

        foreach (var written in new HistoryEntry[] { stored, new ActionEntry(change, action), new QuestionEntry(question), new DecisionEntry(decision), rules })
        {
            await history.WriteAsync(written, Token);
        }

        Assert.Equal(stored.Event with { Seq = 1 }, Assert.Single(await connection.ReadEventsAsync(Sql.Empty, Token)));
        Assert.Equal(action, Assert.Single(await connection.ReadActionsAsync(Sql.Empty, Token)));
        Assert.Equal(change, Assert.Single(await connection.ReadChangesAsync(Sql.Empty, Token)));
        Assert.Equal(question, Assert.Single(await connection.ReadQuestionsAsync(Sql.Empty, Token)));
        Assert.Equal(decision, Assert.Single(await connection.ReadDecisionsAsync(Sql.Empty, Token)));
        Assert.Equal(rules.Load, Assert.Single(await history.Queries.RuleLoadsAsync("notifier", Token)));
        Assert.Equal(rules.Load, Assert.Single(await history.Queries.RulesInForceAsync(HistoryFixture.Noon, Token)));
        Assert.Equal(rules.Files, await history.Queries.RuleFilesAsync("notifier", "v1", Token));
    }

    [Fact]
    public async Task A_bulk_run_is_stored_with_its_audit_and_the_first_answer_of_a_service_is_kept()
    {
        await using var history = await StartAsync();
        await history.ChangeAsync("a1", "failed", 1, 1, Token);
        await history.ChangeAsync("a2", "failed", 1, 1, Token);
        var (audit, store) = (new AuditLog(history.Database, history.Time, NullLogger<AuditLog>.Instance), new BulkStore(history.Database, history.Time));
        var first = await audit.BeginAsync("ann", "retry", "a0", Token);
        var entry = await audit.BeginAsync("ann", "retry", "bulk/run-1", Token);
        var run = await store.CreateAsync(new("retry", "", "", ""), "run-1", entry, null, await history.Queries.ActionsAsync(new(), Token), Token);

        await store.CompleteAsync(new BulkItem { RunId = "run-1", ActionId = "a2", Service = "retrainer" }, "accepted", true, Token);
        await store.CompleteAsync(new BulkItem { RunId = "run-1", ActionId = "a2", Service = "retrainer" }, "refused", false, Token);
        await audit.TryCompleteAsync(entry, "done");
        var found = await store.FindAsync("run-1", Token);

        Assert.Equal(run, found?.Run);
        Assert.Equal([new() { RunId = "run-1", ActionId = "a1", Service = "retrainer", Generation = 0 }, new() { RunId = "run-1", ActionId = "a2", Service = "retrainer", Generation = 0, Result = "accepted", IsAccepted = true }], found?.Items ?? []);
        Assert.Equal([entry with { Result = "done" }, first], await history.Queries.AuditAsync(before: null, limit: 10, Token));
        Assert.Equal([first], await history.Queries.AuditAsync(before: entry.Id, limit: 10, Token));
        Assert.Null(await store.FindAsync("run-2", Token));
    }

    [Fact]
    public async Task The_result_of_an_operation_whose_audit_entry_was_deleted_is_in_the_log()
    {
        await using var history = await StartAsync();
        var logger = new FakeLogger<AuditLog>();

        await new AuditLog(history.Database, history.Time, logger).TryCompleteAsync(new AuditEntry { Id = 7, Actor = "ann", Operation = "retry", Target = "a1", Result = "requested" }, "done");

        Assert.Equal("ann requested retry of a1: done. The result could not be added to the audit", Assert.Single(logger.Collector.GetSnapshot()).Message);
    }

    [Fact]
    public async Task Roll_outs_and_roll_backs_are_found_by_event_and_by_exact_subject()
    {
        await using var history = await StartAsync();
        var caused = SampleEvents.Create("ModelRegistered", id: "m-1");
        await AddAsync("caused", "rollout", EventTypes.ModelRegistered, "models/churn:1", EventKey.From(caused.Source, caused.Id));
        await AddAsync("requested", "rollout", EventTypes.RolloutRequested, "models/churn:2", "k2");
        await AddAsync("other-case", "rollout", EventTypes.RolloutRequested, "models/CHURN:2", "k3");
        await AddAsync("other-model", "rollout", EventTypes.RolloutRequested, "models/churn-2:2", "k4");
        await AddAsync("back", "rollback", EventTypes.RollbackRequested, "endpoints/scoring", "k5");
        var rollouts = new RolloutQueries(history.Database);

        var found = await rollouts.RolloutsAsync("churn", [EventKey.From(caused.Source, caused.Id), "none"], 10, Token);
        var stages = await rollouts.StagesAsync([.. found.Select(action => action.Id)], Token);

        Assert.Equal(["caused", "requested"], found.Select(action => action.Id).Order());
        Assert.Equal(["traffic"], stages["caused"]);
        Assert.Equal(["back"], (await rollouts.RollbacksAsync(["scoring", "other"], 10, Token)).Select(action => action.Id));
        Assert.Empty(await rollouts.RollbacksAsync([], 10, Token));

        Task AddAsync(string id, string rule, string type, string subject, string key) => history.WriteAsync(
            new ActionEntry(
                new() { Id = $"{id}-1", ActionId = id, Service = RolloutQueries.Deployer, Rule = rule, Status = "running", Stage = "traffic", CorrelationId = "c", Time = HistoryFixture.Noon },
                new() { Id = id, Service = RolloutQueries.Deployer, Rule = rule, Status = "running", Stage = "traffic", CorrelationId = "c", EventKey = key, EventId = id, EventType = type, EventSubject = subject, UpdatedAt = HistoryFixture.Noon }),
            Token);
    }

    [Fact]
    public async Task The_list_of_actions_is_filtered_and_continues_after_an_action()
    {
        await using var history = await StartAsync();
        foreach (var (id, second) in new[] { ("a1", 1), ("a2", 2), ("a3", 2), ("a4", 3) })
        {
            await history.ChangeAsync(id, id == "a4" ? "failed" : "succeeded", 1, second, Token);
        }

        Assert.Equal(["a4", "a2", "a3", "a1"], await FindAsync(new()));
        Assert.Equal(["a3", "a1"], await FindAsync(new() { After = (HistoryFixture.Noon.AddSeconds(2), "a2") }));
        Assert.Equal(["a2", "a3"], await FindAsync(new() { Since = HistoryFixture.Noon.AddSeconds(2), Before = HistoryFixture.Noon.AddSeconds(3) }));
        Assert.Equal(["a4"], await FindAsync(new() { Statuses = ["failed"], Service = "retrainer", Correlation = "drift-1" }));
        Assert.Equal(["a4", "a2"], await FindAsync(new() { Statuses = ["failed", "succeeded"], Limit = 2 }));
        Assert.Equal(["a1"], await FindAsync(new() { Detail = "AT 1" }));
        Assert.Empty(await FindAsync(new() { Detail = "%" }));
        Assert.Empty(await FindAsync(new() { Detail = "_" }));
        Assert.Empty(await FindAsync(new() { Detail = @"\" }));
        Assert.Equal(3, await history.Queries.CountActionsAsync("succeeded", HistoryFixture.Noon, Token));

        async Task<IEnumerable<string>> FindAsync(ActionSearch search) => (await history.Queries.ActionsAsync(search, Token)).Select(action => action.Id);
    }

    [Fact]
    public async Task Keys_of_data_protection_are_stored()
    {
        await using var history = await StartAsync();
        var store = new ProtectionKeyStore(history.Database);
        var key = new XElement("key", new XAttribute("id", "1"), "secret");

        store.StoreElement(key, "key-1");

        Assert.Equal(key.ToString(), Assert.Single(store.GetAllElements()).ToString());
        Assert.ThrowsAny<System.Data.Common.DbException>(() => store.StoreElement(key, "key-1"));
    }

    [Fact]
    public async Task A_chain_contains_an_event_that_belongs_to_it_only_through_an_action()
    {
        await using var history = await StartAsync();
        var model = SampleEvents.Create("ModelRegistered", """{"modelName": "churn", "modelVersion": "3"}""", id: "model-1");
        await history.AddAsync(SampleEvents.Create("DatasetDriftDetected", id: "drift-1"), Token);
        await history.ChangeAsync("a1", "succeeded", 1, 1, Token);
        await history.ChangeAsync("a2", "running", 1, 2, Token, cause: model);
        await history.AddAsync(model, Token);
        await history.AddAsync(SampleEvents.Create("ModelRegistered", id: "other"), Token);

        var chain = await history.Queries.ChainAsync("drift-1", Token);

        Assert.Equal((2, 2), (chain.Events.Count, chain.Actions.Count));
        Assert.Contains(chain.Events, stored => stored.Id == "model-1");
    }

    [Fact]
    public async Task The_retention_deletes_old_entries_and_keeps_actions_that_have_not_ended()
    {
        await using var history = await StartAsync();
        await history.AddAsync(SampleEvents.Create("RunCompleted", """{"team": "a"}""", id: "old"), Token);
        await history.ChangeAsync("ended", "succeeded", 1, 0, Token);
        await history.ChangeAsync("waiting", "running", 1, 0, Token);
        await history.AskAsync("ended", 0, Token);
        await history.DecideAsync("ended", 0, 1, isFinal: true, Token);
        await history.WriteAsync(Rules("v1", 0), Token);
        await history.WriteAsync(Rules("v2", 60), Token);
        history.Time.Advance(TimeSpan.FromDays(91));
        await history.AddAsync(SampleEvents.Create("RunCompleted", """{"team": "a"}""", id: "new"), Token);

        await history.Retention.DeleteAsync(Token);

        Assert.Equal(["new"], (await history.Queries.SearchAsync(new() { Path = "data.team", Value = "a" }, Token)).Select(stored => stored.Id));
        Assert.Equal(["waiting"], (await history.Queries.ActionsAsync(new(), Token)).Select(action => action.Id));
        Assert.Empty(await history.Queries.ChangesOfActionAsync("ended", Token));
        await using var connection = history.Database.Open();
        Assert.Empty(await connection.ReadQuestionsAsync(Sql.Empty, Token));
        Assert.Empty(await connection.ReadDecisionsAsync(Sql.Empty, Token));
        Assert.Equal(["v2"], (await connection.ReadRuleLoadsAsync(Sql.Empty, Token)).Select(load => load.Version));
        Assert.Equal(["v2"], (await connection.ReadRuleFilesAsync(Sql.Empty, Token)).Select(file => file.Version));
    }

    [Fact]
    public async Task A_question_is_open_until_its_final_decision_in_any_order_of_arrival()
    {
        await using var history = await StartAsync();
        await history.DecideAsync("settled", 0, 1, isFinal: true, Token);
        await history.AskAsync("settled", 0, Token);
        await history.AskAsync("asked", 0, Token);
        await history.AskAsync("asked", 0, Token);
        await history.DecideAsync("asked", 0, 1, isFinal: false, Token);

        var open = Assert.Single(await history.Approvals.OpenAsync(10, Token));
        var first = open.Decisions.Select(decision => decision.DecidedBy).ToList();
        var settled = Assert.Single(await history.Approvals.SettledAsync(10, Token));
        await history.DecideAsync("asked", 0, 2, isFinal: true, Token);

        Assert.Equal(("asked-0", "person-1"), (open.Question.Id, Assert.Single(first)));
        Assert.Equal(0, await history.Approvals.CountOpenAsync(Token));
        Assert.Equal(2, (await history.Approvals.FindAsync("asked", 0, Token))?.Decisions.Count);
        Assert.Equal("settled-0", settled.Question.Id);
        Assert.Equal(["asked-0", "settled-0"], (await history.Approvals.SettledAsync(10, Token)).Select(asked => asked.Question.Id).Order());
    }

    [Fact]
    public async Task A_question_is_not_open_after_its_action_ended()
    {
        await using var history = await StartAsync();
        await history.AskAsync("cancelled", 0, Token);
        await history.ChangeAsync("cancelled", "skipped", 1, 1, Token);
        await history.AskAsync("waiting", 0, Token);
        await history.ChangeAsync("waiting", "waiting", 1, 1, Token);
        await history.AskAsync("waiting", 1, Token);

        Assert.Equal(["waiting-0", "waiting-1"], (await history.Approvals.OpenAsync(10, Token)).Select(asked => asked.Question.Id).Order());
        Assert.Equal("cancelled-0", Assert.Single(await history.Approvals.SettledAsync(10, Token)).Question.Id);
    }

    [Fact]
    public async Task The_report_of_a_period_contains_events_outcomes_held_back_actions_and_latencies_by_rule()
    {
        await using var history = await StartAsync();
        var drift = SampleEvents.Create("DatasetDriftDetected", id: "drift-1", time: "2026-11-01T11:59:50Z");
        await history.AddAsync(drift, Token);
        await history.AddAsync(SampleEvents.Create("RunCompleted", time: "2026-11-01T10:30:00Z"), Token);
        await history.AddAsync(SampleEvents.Create("RunCompleted", time: "2026-10-31T10:30:00Z"), Token);
        await history.ChangeAsync("a1", "waiting", 1, 1, Token, cause: drift);
        await history.ChangeAsync("a1", "waiting", 2, 2, Token, cause: drift);
        await history.ChangeAsync("a1", "succeeded", 2, 20, Token, cause: drift);
        await history.ChangeAsync("a2", "succeeded", 1, 50, Token, cause: drift);
        await history.ChangeAsync("a3", "failed", 1, 60, Token, cause: drift);

        var report = await LoadReport.ReadAsync(history.Load, LoadPeriod.EndingAt(HistoryFixture.Noon, TimeSpan.FromHours(1), 24), null, Token);

        Assert.Equal((1.0, 1.0, 2.0), (report.Charts[0].Series[0].Values[^2], report.Charts[0].Series[0].Values[^3], report.Charts[0].Series[0].Values.Sum()));
        Assert.Equal((2.0, 1.0), (Series(report.Charts[1], "succeeded").Values[^1], Series(report.Charts[1], "failed").Values[^1]));
        Assert.Equal(1.0, report.Charts[2].Series[0].Values[^1]);
        var rule = Assert.Single(report.Rules);
        Assert.Equal(("churn", 3, 1, new RuleLatency(TimeSpan.FromSeconds(11), TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60))), (rule.Rule, rule.Total, rule.HeldBack, rule.Latency));
        Assert.Empty((await LoadReport.ReadAsync(history.Load, LoadPeriod.EndingAt(HistoryFixture.Noon, TimeSpan.FromHours(1), 24), "other", Token)).Rules);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task The_counts_of_each_hour_match_the_entries_if_writes_are_reordered_or_repeated_and_after_the_retention(int seed)
    {
        await using var history = await StartAsync();
        var random = new Random(seed);
        string[] outcomes = ["accepted", "running", "waiting", "succeeded", "failed"];
        var events = Enumerable.Range(0, 20).Select(number => SampleEvents.Create("RunCompleted", id: $"e-{number}", time: $"2026-11-01T{number % 5 + 8:00}:10:00Z")).ToList();
        var writes = events.Select(workflowEvent => (Func<Task>)(() => history.AddAsync(workflowEvent, Token))).Concat(Enumerable.Range(0, 120).Select(number =>
        {
            var (action, status, attempt, second) = (number % 15, outcomes[random.Next(outcomes.Length)], random.Next(1, 4), random.Next(-3, 4) * 3000);
            return (Func<Task>)(() => history.ChangeAsync($"a-{action}", status, attempt, second, Token, cause: events[action], rule: $"rule-{action % 3}"));
        })).ToList();

        foreach (var chunk in writes.Concat(writes).OrderBy(_ => random.Next()).Chunk(40))
        {
            await Task.WhenAll(chunk.Select(write => write()));
        }

        await CountsAreExactAsync(history);
        history.Time.Advance(TimeSpan.FromDays(91));
        await history.Retention.DeleteAsync(Token);
        await CountsAreExactAsync(history);
    }

    [Fact]
    public async Task The_latency_of_an_action_is_known_whether_its_event_arrives_before_or_after_the_action()
    {
        await using var history = await StartAsync();
        var (early, late) = (SampleEvents.Create("RunCompleted", id: "early", time: "2026-11-01T11:59:50Z"), SampleEvents.Create("RunCompleted", id: "late", time: "2026-11-01T11:59:30Z"));
        await history.AddAsync(early, Token);
        await history.ChangeAsync("a1", "succeeded", 1, 0, Token, cause: early);
        await history.ChangeAsync("a2", "succeeded", 1, 0, Token, cause: late);
        await history.AddAsync(late, Token);

        var latencies = await history.Load.LatenciesAsync(LoadPeriod.EndingAt(HistoryFixture.Noon, TimeSpan.FromHours(1), 24), Token);

        Assert.Equal([10, 30], latencies.Select(latency => TimeSpan.FromTicks(latency.EndedTicks).TotalSeconds).Order());
    }

    [Fact]
    public async Task The_actions_of_rules_are_counted_and_rules_that_act_on_the_same_events_are_found()
    {
        await using var history = await StartAsync();
        var (one, other) = (SampleEvents.Create("DatasetDriftDetected", id: "e-1"), SampleEvents.Create("DatasetDriftDetected", id: "e-2"));
        await history.ChangeAsync("a1", "succeeded", 1, 1, Token, cause: one);
        await history.ChangeAsync("a2", "failed", 1, 2, Token, cause: other);
        await history.ChangeAsync("b1", "waiting", 1, 2, Token, cause: one, rule: "twin");
        await history.ChangeAsync("b1", "succeeded", 1, 3, Token, cause: one, rule: "twin");
        await history.ChangeAsync("c1", "succeeded", 1, 3, Token, cause: SampleEvents.Create("RunCompleted", id: "e-3"), rule: "alone");

        var hits = await history.Rules.HitsAsync("retrainer", HistoryFixture.Noon, Token);

        Assert.Equal([("alone", 1, 0), ("churn", 2, 1), ("twin", 1, 0)], hits.OrderBy(rule => rule.Rule, StringComparer.Ordinal).Select(rule => (rule.Rule, (int)rule.Actions, (int)rule.Failed)));
        Assert.Equal(HistoryFixture.Noon.AddSeconds(2), hits.Single(rule => rule.Rule == "churn").LatestAt);
        Assert.Equal([new RuleOverlap("churn", "twin", 1)], await history.Rules.OverlapsAsync("retrainer", HistoryFixture.Noon, Token));
        Assert.Empty(await history.Rules.HitsAsync("retrainer", HistoryFixture.Noon.AddHours(1), Token));
        Assert.Equal("at 2", Assert.Single(await history.Rules.FindHeldBackChangesAsync(["a1", "b1"], Token)).Detail);
    }

    // Compares the counts that triggers maintain with the numbers of rows.
    private static async Task CountsAreExactAsync(HistoryFixture history)
    {
        await using var connection = history.Database.Open();
        var stored = await connection.QueryAsync(
            $"""
             SELECT 'events ' || "Hour" || ' ' || "Count" FROM "EventHours" WHERE "Count" <> 0
             UNION ALL SELECT "Outcome" || ' ' || "Hour" || ' ' || "Service" || ' ' || "Rule" || ' ' || "Count" FROM "ActionHours" WHERE "Count" <> 0
             """,
            row => row.GetString(0),
            Token);
        var counted = await connection.QueryAsync(
            $"""
             SELECT 'events ' || ("Time" / 36000000000) || ' ' || COUNT(*) FROM "Events" GROUP BY "Time" / 36000000000
             UNION ALL SELECT "Status" || ' ' || ("UpdatedAt" / 36000000000) || ' ' || "Service" || ' ' || "Rule" || ' ' || COUNT(*) FROM "Actions" GROUP BY "Status", "UpdatedAt" / 36000000000, "Service", "Rule"
             UNION ALL SELECT 'held-back ' || ("Time" / 36000000000) || ' ' || "Service" || ' ' || "Rule" || ' ' || COUNT(DISTINCT "ActionId") FROM "Changes" WHERE "Status" = 'waiting' GROUP BY "Time" / 36000000000, "Service", "Rule"
             """,
            row => row.GetString(0),
            Token);
        Assert.Equal(counted.Order(StringComparer.Ordinal), stored.Order(StringComparer.Ordinal));
    }

    private static ChartSeries Series(Chart chart, string name) => Assert.Single(chart.Series, series => series.Name == name);

    // Returns null as the envelope of an event. The database refuses it, and the service never writes it.
    private static string Missing() => (new string[1])[0];

    private static IReadOnlyList<(string Id, Func<string> Sql)> Scripts(HistoryConnection connection) => MigrationScripts.Of(connection is PostgreSqlHistoryConnection ? "PostgreSql" : "Sqlite");

    private static Task<IReadOnlyList<string>> AppliedAsync(HistoryConnection connection) =>
        connection.QueryAsync($"""SELECT "MigrationId" FROM "__EFMigrationsHistory" ORDER BY "MigrationId" """, row => row.GetString(0), Token);

    // Creates the table of the applied migrations and runs the scripts, as the migrator of Entity Framework did. The dashboard used this migrator until November 2026.
    private static async Task CreateAsEntityFrameworkDidAsync(HistoryConnection connection, IEnumerable<(string Id, Func<string> Sql)> scripts)
    {
        var file = connection is PostgreSqlHistoryConnection ? "" : Path.GetDirectoryName(connection.Inner.DataSource);
        _ = file is { Length: > 0 } ? Directory.CreateDirectory(file) : null;
        await connection.ExecuteAsync(
            $"""CREATE TABLE "__EFMigrationsHistory" ("MigrationId" VARCHAR(150) NOT NULL CONSTRAINT "PK___EFMigrationsHistory" PRIMARY KEY, "ProductVersion" VARCHAR(32) NOT NULL)""",
            Token);
        foreach (var (id, sql) in scripts)
        {
            await connection.ExecuteAsync(Sql.Text(sql()), Token);
            await connection.ExecuteAsync($"""INSERT INTO "__EFMigrationsHistory" ("MigrationId", "ProductVersion") VALUES ({id}, '10.0.12')""", Token);
        }
    }

    private static RulesEntry Rules(string version, int second) => new(
        new RuleLoad { Id = $"load-{version}", Service = "notifier", Version = version, At = HistoryFixture.Noon.AddSeconds(second) },
        [new StoredRuleFile { Service = "notifier", Version = version, Path = "alerts.yaml", Content = "alerts: []" }]);

    private static async Task FindsAsync(HistoryFixture history, string id, EventSearch search) =>
        Assert.Equal([id], (await history.Queries.SearchAsync(search, Token)).Select(stored => stored.Id));

    // With SQLite, a migration fails at once while another migration runs. The service tries again, and this method does the same.
    private static async Task MigrateUntilDoneAsync(HistoryDatabase database)
    {
        while (!database.Ready.IsCompleted)
        {
            try
            {
                await database.MigrateAsync(Token);
            }
            catch (IOException)
            {
                await Task.Yield();
            }
        }
    }
}
