using System.Net.Http.Headers;
using System.Text;

using Azure.Core;

using Microsoft.Extensions.Options;

using MLEvents.AzureML.Connection;
using MLEvents.AzureML.Errors;

namespace MLEvents.AzureML.Scoring;

/// <summary>
/// Sends scoring requests without retries, because the caller evaluates statuses and latencies. After an answer 401 or 403, a request is sent once more with a new key or token.
/// Redirects are not followed, because the redirected request would contain the key.
/// </summary>
internal sealed class OnlineScoring(ScoringCredentials credentials, IOptions<AzureMLOptions> options, TimeProvider time) : IScoring, IDisposable
{
    public const string Operation = "Scoring";

    /// <summary>The header that names the deployment, in requests to online and batch endpoints and in answers.</summary>
    public const string DeploymentHeader = "azureml-model-deployment";

    private readonly HttpClient _http = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
    })
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    public async Task<ScoringResult> ScoreAsync(ResourceIdentifier workspace, string endpoint, ScoringRequest request, CancellationToken cancellationToken)
    {
        var id = request.Deployment is { } deployment ? ArmIds.ForDeployment(workspace, endpoint, deployment) : null;
        var target = ArmIds.ForEndpoint(workspace, endpoint);
        var access = await credentials.GetAsync(target, cancellationToken);
        var result = await SendAsync(access, id?.Name, request, cancellationToken);
        if (result.Status is not (401 or 403))
        {
            return result;
        }

        credentials.Forget(target, access);
        return await SendAsync(await credentials.GetAsync(target, cancellationToken), id?.Name, request, cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    private async Task<ScoringResult> SendAsync(ScoringAccess access, string? deployment, ScoringRequest request, CancellationToken cancellationToken)
    {
        var timeout = request.Timeout ?? options.Value.ScoringTimeout;
        using var limit = new CancellationTokenSource(timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        using var message = Message(access, deployment, request);
        var started = time.GetTimestamp();
        try
        {
            using var response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, either.Token);
            var (body, isTruncated) = await ReadAsync(response.Content, either.Token);
            var answered = response.Headers.TryGetValues(DeploymentHeader, out var names) ? names.FirstOrDefault() : null;
            return new ScoringResult((int)response.StatusCode, body, isTruncated, time.GetElapsedTime(started), answered);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw Failed(AzureException.TimeoutCode, $"no answer within {timeout.TotalSeconds:0.###} s", exception);
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            throw Failed(AzureException.NetworkCode, exception.Message, exception);
        }
    }

    private static HttpRequestMessage Message(ScoringAccess access, string? deployment, ScoringRequest request)
    {
        var message = new HttpRequestMessage(HttpMethod.Post, access.Address)
        {
            Content = new StringContent(request.Body, Encoding.UTF8, MediaTypeHeaderValue.Parse(request.ContentType)),
        };
        message.Headers.Authorization = access.Authorization;
        if (deployment is not null)
        {
            message.Headers.Add(DeploymentHeader, deployment);
        }

        return message;
    }

    private static async Task<(string Body, bool IsTruncated)> ReadAsync(HttpContent content, CancellationToken cancellationToken)
    {
        await using var stream = await content.ReadAsStreamAsync(cancellationToken);
        var buffer = new byte[ScoringResult.MaxBodyBytes + 1];
        var length = await stream.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancellationToken);
        return (Encoding.UTF8.GetString(buffer, 0, Math.Min(length, ScoringResult.MaxBodyBytes)), length > ScoringResult.MaxBodyBytes);
    }

    private static AzureException Failed(string code, string text, Exception cause) =>
        new($"{Operation}: {text}.", cause) { Operation = Operation, Code = code, IsTransient = true };
}
