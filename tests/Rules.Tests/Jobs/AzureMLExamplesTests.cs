using System.Text.RegularExpressions;

namespace MLEvents.Rules.Tests.Jobs;

/// <summary>
/// The job files of a checkout of Azure/azureml-examples. The environment variable MLEVENTS_AZUREML_EXAMPLES names its folder. Each file is translated, or refused
/// with a remedy.
/// </summary>
public sealed partial class AzureMLExamplesTests
{
    [Fact]
    public void Each_job_file_is_translated_or_refused_with_a_remedy()
    {
        var folder = Environment.GetEnvironmentVariable("MLEVENTS_AZUREML_EXAMPLES");
        Assert.SkipWhen(folder is not { Length: > 0 }, "MLEVENTS_AZUREML_EXAMPLES does not name a checkout of Azure/azureml-examples.");
        var files = Directory.EnumerateFiles(Path.Combine(folder ?? "", "cli", "jobs"), "*.yml", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
            .Select(file => (Name: Path.GetRelativePath(folder ?? "", file), Text: File.ReadAllText(file))).Where(file => JobSchema().IsMatch(file.Text)).ToList();

        var errors = files.Select(file => (file.Name, Errors: ErrorsOf(file.Text))).ToList();

        TestContext.Current.TestOutputHelper?.WriteLine($"{files.Count} job files, {errors.Count(file => file.Errors.Count == 0)} translated");
        Assert.NotEmpty(files);
        var others = errors.SelectMany(file => file.Errors.Where(error => !Remedy().IsMatch(error)).Select(error => $"{file.Name}: {error}")).ToList();
        Assert.True(others.Count == 0, string.Join('\n', others));
    }

    private static IReadOnlyList<string> ErrorsOf(string job)
    {
        try
        {
            _ = JobYaml.Plan(job);
            return [];
        }
        catch (RuleFileException exception)
        {
            return [.. exception.Errors.Select(error => error.Message)];
        }
    }

    [GeneratedRegex(@"\$schema:\s*\S*/(command|sweep|pipeline)Job\.schema\.json")]
    private static partial Regex JobSchema();

    [GeneratedRegex("rules upload nothing|register it first|register the component first|are not translated|must name the version|name a compute target|must begin with 'azureml:'|is not a reference to|did you mean|write the trial into the job file")]
    private static partial Regex Remedy();
}
