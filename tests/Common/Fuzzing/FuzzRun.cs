using System.Globalization;

using Xunit;

namespace MLEvents.Tests.Common.Fuzzing;

/// <summary>
/// Runs a target with mutated inputs. By default, a run has <see cref="ShortIterations"/> inputs. If <c>FUZZ_SECONDS</c> is set, the run lasts that many seconds.
/// The message of a failure contains the seed, the iteration and the input. To repeat the run, set <c>FUZZ_SEED</c> to its seed.
/// </summary>
public static class FuzzRun
{
    private const int ShortIterations = 300;

    private static int Seed { get; } = Number("FUZZ_SEED") ?? Environment.TickCount;

    /// <summary>Runs a target. The target throws an exception if it finds an error.</summary>
    public static async Task RunAsync(IReadOnlyList<byte[]> corpus, Func<byte[], Task> target, CancellationToken cancellationToken)
    {
        var (output, begun) = (TestContext.Current.TestOutputHelper, TimeProvider.System.GetTimestamp());
        var (random, mutator, iteration) = (new Random(Seed), new Mutator(corpus), 0);
        output?.WriteLine($"seed {Seed}");
        for (; Number("FUZZ_SECONDS") is { } seconds ? TimeProvider.System.GetElapsedTime(begun).TotalSeconds < seconds : iteration < ShortIterations; iteration++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var input = mutator.Next(random);
            try
            {
                await target(input);
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                throw new InvalidOperationException($"seed {Seed}, iteration {iteration}, input in base64: {Convert.ToBase64String(input)}", exception);
            }
        }

        output?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{iteration} inputs in {TimeProvider.System.GetElapsedTime(begun).TotalSeconds:F0} s"));
    }

    private static int? Number(string variable) => int.TryParse(Environment.GetEnvironmentVariable(variable), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
