using System.Text.Json.Nodes;

using Azure;
using Azure.Core;
using Azure.Core.Pipeline;

using Microsoft.Extensions.Options;

namespace MLEvents.AzureML.Connection;

/// <summary>
/// Sends requests to Azure Resource Manager. Makes one attempt and does not wait for long-running operations. A failed request throws <see cref="RequestFailedException"/>.
/// A resource that <see cref="ArmScope"/> does not allow is not requested; the call throws <see cref="Errors.AzureException"/>.
/// </summary>
/// <remarks>This class uses only the pipeline of the Azure SDK. The SDK's client of Resource Manager serializes resources by reflection, which does not work in a native program.</remarks>
internal sealed class ArmConnection : IDisposable
{
    public const string MachineLearningVersion = "2024-04-01";
    public const string DataFactoryVersion = "2018-06-01";
    public const string MonitorVersion = "2023-10-01";
    public const string AutoscaleVersion = "2022-10-01";

    private readonly ArmScope _scope;
    private readonly Uri _configuredEndpoint;
    private readonly Uri _endpoint;
    private readonly HttpClientTransport? _plainHttp;
    private readonly HttpPipeline _pipeline;

    public ArmConnection(IOptions<AzureMLOptions> options, ArmScope scope)
    {
        var settings = options.Value;
        _scope = scope;
        _configuredEndpoint = settings.Endpoint;
        _endpoint = new UriBuilder(settings.Endpoint) { Scheme = Uri.UriSchemeHttps, Port = settings.Endpoint.Port }.Uri;
        _plainHttp = AzurePipeline.CreatePlainHttp(settings);
        _pipeline = AzurePipeline.Create(settings, settings.Audience, _plainHttp);
    }

    /// <summary>Reads a resource of Azure Machine Learning; <see langword="null"/> if it does not exist.</summary>
    /// <exception cref="FormatException">The answer is not a resource, because its id is not a path.</exception>
    public async Task<ArmAnswer?> FindResourceAsync(ArmId id, CancellationToken cancellationToken)
    {
        var answer = await FindAsync(ArmPath.For(id, MachineLearningVersion), cancellationToken);

        // The id of a resource is a path. A proxy can answer with other JSON. An answer without an id is accepted.
        var isResource = answer?.Body.Text("id")?.StartsWith('/') ?? true;
        return isResource ? answer : throw new FormatException($"The answer for {id} is not a resource.");
    }

    /// <summary>Reads a resource of Azure Machine Learning that must exist.</summary>
    /// <exception cref="RequestFailedException">The resource does not exist (status 404), or the call failed.</exception>
    public async Task<ArmAnswer> GetResourceAsync(ArmId id, CancellationToken cancellationToken) =>
        await FindResourceAsync(id, cancellationToken) ?? throw new RequestFailedException(404, $"{id} does not exist.", "ResourceNotFound", null);

    /// <summary>Starts to create or update a resource of Azure Machine Learning, and does not wait for the end.</summary>
    public Task PutResourceAsync(ArmId id, JsonObject resource, CancellationToken cancellationToken) =>
        SendAsync(RequestMethod.Put, ArmPath.For(id, MachineLearningVersion), resource, null, cancellationToken);

    /// <summary>Starts to delete a resource of Azure Machine Learning and does not wait for the end.</summary>
    public Task DeleteResourceAsync(ArmId id, CancellationToken cancellationToken) =>
        SendAsync(RequestMethod.Delete, ArmPath.For(id, MachineLearningVersion), null, null, cancellationToken);

    /// <summary>Sends a GET; <see langword="null"/> for 404.</summary>
    public async Task<ArmAnswer?> FindAsync(ArmPath path, CancellationToken cancellationToken)
    {
        try
        {
            return await SendAsync(RequestMethod.Get, path, null, null, cancellationToken);
        }
        catch (RequestFailedException exception) when (exception.Status == 404)
        {
            return null;
        }
    }

    /// <summary>Sends one request to a path of Resource Manager.</summary>
    public async Task<ArmAnswer> SendAsync(RequestMethod method, ArmPath path, JsonObject? body, ETag? ifMatch, CancellationToken cancellationToken)
    {
        if (path.Id is { } id)
        {
            _scope.Check(id);
        }

        using var message = _pipeline.CreateMessage();
        message.Request.Method = method;
        message.Request.Uri.Reset(new Uri(_endpoint, path.ToString()));
        message.Request.Headers.Add(HttpHeader.Common.JsonAccept);
        if (body is not null)
        {
            message.Request.Headers.Add(HttpHeader.Common.JsonContentType);
            message.Request.Content = RequestContent.Create(BinaryData.FromString(body.ToJsonString()));
        }

        if (ifMatch is { } tag)
        {
            message.Request.Headers.Add("If-Match", tag.ToString("H"));
        }

        await _pipeline.SendAsync(message, cancellationToken);
        return message.Response.Status is >= 200 and < 300 ? ArmAnswer.From(message.Response) : throw new RequestFailedException(message.Response);
    }

    /// <summary>The path of a link in an answer; <see langword="null"/> if <see cref="ArmPath.FromLink"/> refuses the link.</summary>
    public ArmPath? FromLink(string link) => ArmPath.FromLink(link, _configuredEndpoint);

    public void Dispose() => _plainHttp?.Dispose();
}

/// <summary>An answer of Azure.</summary>
/// <param name="Body">The body; empty if the answer has none.</param>
/// <param name="ETag">The resource's ETag; null if the answer has none.</param>
internal sealed record ArmAnswer(JsonObject Body, ETag? ETag)
{
    public static ArmAnswer From(Response response)
    {
        // An answer 202 or 204 can have no body.
        var body = response.ContentStream is null || response.Content.ToMemory().IsEmpty ? [] : JsonNode.Parse(response.Content.ToMemory().Span)?.AsObject() ?? [];
        return new ArmAnswer(body, response.Headers.ETag);
    }
}
