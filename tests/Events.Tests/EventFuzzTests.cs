using System.Text;
using System.Text.Json;

using MLEvents.Events.Reading;
using MLEvents.Tests.Common.Fuzzing;

namespace MLEvents.Events.Tests;

/// <summary>
/// Gives mutated inputs to the parsers and to the redaction. A parser must return a result or its documented error, and throw no other exception.
/// The redaction must not change a text that it has already redacted.
/// </summary>
public sealed class EventFuzzTests
{
    private const string WorkspaceId = "/subscriptions/00000000-0000-0000-0000-000000000001/resourceGroups/g/providers/Microsoft.MachineLearningServices/workspaces/w";

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public Task Mutated_bodies_of_the_webhook_are_read_or_refused_with_a_message() => FuzzRun.RunAsync(
        FuzzCorpus.Events,
        body =>
        {
            try
            {
                foreach (var envelope in EventReader.Read(body).Events)
                {
                    // Subscribers must be able to read each event.
                    Assert.True(WorkflowEvent.TryRead(JsonDocument.Parse(envelope.Json, JsonLimits.Document).RootElement, out _, out var error), error);
                }
            }
            catch (Exception exception) when (exception is JsonException or NotAnEventBatchException)
            {
                Assert.NotEmpty(exception.Message);
            }

            return Task.CompletedTask;
        },
        Token);

    [Fact]
    public Task Mutated_headers_of_cloud_events_in_binary_mode_are_read_or_refused_with_a_message() => FuzzRun.RunAsync(
        [.. FuzzCorpus.Templates, "1.0"u8.ToArray(), "Microsoft.MachineLearningServices.RunCompleted"u8.ToArray(), "2026-11-01T00:00:00Z"u8.ToArray()],
        value =>
        {
            var text = Encoding.Latin1.GetString(value);
            KeyValuePair<string, string>[] headers = [new("ce-specversion", "1.0"), new("ce-id", text), new("ce-source", text), new("ce-type", "t"), new("ce-time", text), new("ce-extra", text)];
            try
            {
                Assert.NotNull(BinaryModeReader.Read(headers, "application/json", "{}"u8.ToArray()));
            }
            catch (Exception exception) when (exception is JsonException or NotAnEventBatchException)
            {
                Assert.NotEmpty(exception.Message);
            }

            return Task.CompletedTask;
        },
        Token);

    [Fact]
    public Task A_mutated_resource_id_that_is_accepted_does_not_change_the_host_or_the_path_of_a_url() => FuzzRun.RunAsync(
        [.. new[] { WorkspaceId, $"{WorkspaceId}/jobs/j", $"{WorkspaceId}/models/m/versions/1" }.Select(Encoding.UTF8.GetBytes)],
        bytes =>
        {
            if (Workspace.TryParse(Encoding.UTF8.GetString(bytes), out var workspace))
            {
                // A URL that is built from an accepted id must have the configured host, and its path must be the id and /jobs.
                var address = new Uri(new Uri("https://management.azure.com"), $"{workspace.ArmId}/jobs?api-version=1");
                Assert.Equal(("management.azure.com", workspace.ArmId + "/jobs"), (address.Host, Uri.UnescapeDataString(address.AbsolutePath)));
            }

            return Task.CompletedTask;
        },
        Token);

    [Fact]
    public Task The_redaction_does_not_change_a_mutated_text_that_it_has_already_redacted() => FuzzRun.RunAsync(
        [.. FuzzCorpus.Events, .. FuzzCorpus.Templates, "https://user:password@host/path?sig=abc Authorization: Bearer abcdefghijklmnopqrst AccountKey=AAAA"u8.ToArray()],
        bytes =>
        {
            var once = Redaction.Scrub(Encoding.UTF8.GetString(bytes));
            Assert.Equal(once, Redaction.Scrub(once));
            return Task.CompletedTask;
        },
        Token);
}
