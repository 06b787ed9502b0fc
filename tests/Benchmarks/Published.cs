using System.Diagnostics;
using System.Text.RegularExpressions;

using MLEvents.Tests.Common;

namespace MLEvents.Benchmarks;

/// <summary>
/// Programs as the images contain them: native, with the runtime settings (<c>DOTNET_*</c>) of their Dockerfile.
/// A program that was only built spends more than half of a short load on compilation.
/// </summary>
internal static partial class Published
{
    private static readonly string Folder = Repository.PathOf("artifacts", "published");

    /// <summary>Publishes programs for this machine. Takes some minutes for each program that changed.</summary>
    /// <param name="projects">The folders of the projects, relative to the repository.</param>
    /// <param name="cancellationToken">Cancels the current publish.</param>
    /// <exception cref="InvalidOperationException">A program could not be published; the message contains the output of the SDK.</exception>
    public static async Task PublishAsync(IEnumerable<string> projects, CancellationToken cancellationToken)
    {
        foreach (var project in projects)
        {
            // A separate folder for all artifacts, because a restore for one platform changes the restored packages of the normal build.
            string[] arguments = ["publish", Repository.PathOf(project), "--configuration", "Release", "-p:AheadOfTime=true", "--artifacts-path", Folder, "--output", Path.Combine(Folder, Path.GetFileName(project)), "--verbosity", "quiet", "-nodeReuse:false"];
            var run = await ProgramRun.RunAsync(new ProcessStartInfo(BuiltProgram.DotNet, arguments), cancellationToken);
            if (run.ExitCode != 0)
            {
                throw new InvalidOperationException($"{project} could not be published:\n{run.Output}{run.Error}");
            }
        }
    }

    /// <summary>Returns the start information of a published program.</summary>
    /// <param name="project">The name of the project.</param>
    /// <param name="assembly">The assembly's name.</param>
    /// <param name="arguments">The program's arguments.</param>
    public static ProcessStartInfo Program(string project, string assembly, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(Folder, project, assembly), arguments) { RedirectStandardOutput = true, RedirectStandardError = true };
        var image = project == "Host" ? Repository.PathOf("deploy", "local", "Dockerfile") : Repository.PathOf("deploy", "containers", "Dockerfile");
        foreach (var variable in File.ReadLines(image).Where(line => line.StartsWith("ENV ", StringComparison.Ordinal)).SelectMany(line => RuntimeSetting().Matches(line)))
        {
            start.Environment[variable.Groups["name"].Value] = variable.Groups["value"].Value;
        }

        return start;
    }

    [GeneratedRegex(@"(?<name>DOTNET_\w+)=(?<value>\S+)")]
    private static partial Regex RuntimeSetting();
}
