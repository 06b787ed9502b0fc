using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

using MLEvents.Tests.Common;

namespace MLEvents.ServiceDefaults.Tests;

/// <summary>Tests how a service logs text that the sender of a request controls. All log providers get the text in the same form.</summary>
public sealed partial class LoggingTests
{
    private const int MaxEntryLength = 32 * 1024;
    private static readonly string Long = new('x', 600 * 1024);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_long_value_is_cut_in_the_message_and_in_the_values()
    {
        await using var service = await StartAsync();

        LogAccepted(LoggerOf(service), Long, "the reason", null);

        var log = Assert.Single(service.Logs, log => log.Category == typeof(LoggingTests).FullName);
        Assert.InRange(log.Message.Length, 1, MaxEntryLength);
        Assert.StartsWith("Event xxx", log.Message, StringComparison.Ordinal);
        Assert.EndsWith("accepted: the reason", log.Message, StringComparison.Ordinal);
        Assert.Contains("characters)", log.Message, StringComparison.Ordinal);
        Assert.All(log.StructuredState ?? [], value => Assert.InRange(value.Value?.Length ?? 0, 0, MaxEntryLength));
    }

    [Fact]
    public async Task A_long_exception_is_cut()
    {
        await using var service = await StartAsync();

        LogAccepted(LoggerOf(service), "1", "the reason", new InvalidOperationException(Long));

        var log = Assert.Single(service.Logs, log => log.Category == typeof(LoggingTests).FullName);
        Assert.InRange($"{log.Exception}".Length, 1, MaxEntryLength);
        Assert.InRange(log.Exception?.Message.Length ?? 0, 1, MaxEntryLength);
    }

    [Fact]
    public async Task Control_characters_are_replaced()
    {
        await using var service = await StartAsync();

        LogAccepted(LoggerOf(service), "1\r\nwarn: forged", "\u001b[31m\0\u0085", new InvalidOperationException("why \u001b\nfurther"));

        var log = Assert.Single(service.Logs, log => log.Category == typeof(LoggingTests).FullName);
        Assert.Equal("Event 1\uFFFD\uFFFDwarn: forged accepted: \uFFFD[31m\uFFFD\uFFFD", log.Message);
        Assert.Contains(log.StructuredState ?? [], value => value.Value == "1\uFFFD\uFFFDwarn: forged");
        Assert.DoesNotContain('\u001b', $"{log.Exception}{log.Exception?.Message}");
        Assert.Contains("why \uFFFD\nfurther", $"{log.Exception}", StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_entry_that_needs_no_change_is_passed_on_unchanged()
    {
        await using var service = await StartAsync();
        var exception = new InvalidOperationException("why");

        LogAccepted(LoggerOf(service), "1", "the reason", exception);

        Assert.Same(exception, Assert.Single(service.Logs, log => log.Category == typeof(LoggingTests).FullName).Exception);
    }

    [Fact]
    public async Task The_values_of_a_scope_are_cleaned()
    {
        await using var service = await StartAsync();
        var logger = LoggerOf(service);

        using (logger.BeginScope("subject 1\r\nwarn: forged"))
        using (logger.BeginScope(new List<KeyValuePair<string, object?>> { new("Subject", "2\r\nwarn: forged") }))
        {
            LogAccepted(logger, "1", "the reason", null);
        }

        var scopes = Assert.Single(service.Logs, log => log.Category == typeof(LoggingTests).FullName).Scopes;
        Assert.Contains(scopes, scope => $"{scope}" == "subject 1\uFFFD\uFFFDwarn: forged");
        Assert.Contains(scopes.OfType<IReadOnlyList<KeyValuePair<string, object?>>>(), values => values is [{ Key: "Subject", Value: "2\uFFFD\uFFFDwarn: forged" }]);
    }

    private static ILogger<LoggingTests> LoggerOf(RunningService service) => service.Services.GetRequiredService<ILogger<LoggingTests>>();

    private static Task<RunningService> StartAsync() => RunningService.StartAsync(
        configure =>
        {
            var builder = WebApplication.CreateBuilder();
            configure(builder);
            builder.AddServiceDefaults();
            return builder.Build();
        },
        [],
        Token);

    [LoggerMessage(1, LogLevel.Warning, "Event {EventId} accepted: {Reason}")]
    private static partial void LogAccepted(ILogger logger, string eventId, string reason, Exception? exception);
}
