using System.Text.Json.Nodes;

using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.ResourceManager;
using Azure.ResourceManager.Resources;

using Microsoft.Extensions.Options;

namespace MLEvents.AzureML.Connection;

/// <summary>
/// Sends requests to Azure Resource Manager: as generic resources of the Azure SDK, or as plain requests for actions, lists, jobs and updates of whole resources.
/// Makes one attempt and does not wait for long-running operations. A failed request is a <see cref="RequestFailedException"/>.
/// A resource that <see cref="ArmScope"/> does not allow is not requested and is an <see cref="Errors.AzureException"/>.
/// </summary>
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
    private readonly ArmClient _client;
    private readonly HttpPipeline _pipeline;

    public ArmConnection(IOptions<AzureMLOptions> options, ArmScope scope)
    {
        var settings = options.Value;
        _scope = scope;
        _configuredEndpoint = settings.Endpoint;
        var credential = Credentials.For(settings);
        _endpoint = new UriBuilder(settings.Endpoint) { Scheme = Uri.UriSchemeHttps, Port = settings.Endpoint.Port }.Uri;
        _plainHttp = settings.Endpoint.Scheme == Uri.UriSchemeHttp ? new HttpClientTransport(new PlainHttpHandler()) : null;
        var clientOptions = ClientOptions(new ArmEnvironment(_endpoint, settings.Audience));
        clientOptions.Transport = _plainHttp ?? clientOptions.Transport;
        _client = new ArmClient(credential, defaultSubscriptionId: null, clientOptions);
        _pipeline = HttpPipelineBuilder.Build(clientOptions, new BearerTokenAuthenticationPolicy(credential, $"{settings.Audience}/.default"));
    }

    /// <summary>Reads a resource; <see langword="null"/> if it does not exist.</summary>
    public Task<ArmAnswer?> FindResourceAsync(ArmId id, CancellationToken cancellationToken) => NullIfNotFoundAsync(async () =>
        ArmAnswer.From((await _client.GetGenericResource(Allowed(id).Identifier).GetAsync(cancellationToken)).GetRawResponse()));

    /// <summary>Starts to create or update a resource that has a location, and does not wait for the end.</summary>
    public Task PutResourceAsync(ArmId id, GenericResourceData data, CancellationToken cancellationToken) =>
        _client.GetGenericResources().CreateOrUpdateAsync(WaitUntil.Started, Allowed(id).Identifier, data, cancellationToken);

    /// <summary>Starts to delete a resource and does not wait for the end.</summary>
    public Task DeleteResourceAsync(ArmId id, CancellationToken cancellationToken) =>
        _client.GetGenericResource(Allowed(id).Identifier).DeleteAsync(WaitUntil.Started, cancellationToken);

    /// <summary>Sends a GET; <see langword="null"/> for 404.</summary>
    public Task<ArmAnswer?> FindAsync(ArmPath path, CancellationToken cancellationToken) => NullIfNotFoundAsync(() =>
        SendAsync(RequestMethod.Get, path, null, null, cancellationToken));

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
        return message.Response.IsError ? throw new RequestFailedException(message.Response) : ArmAnswer.From(message.Response);
    }

    /// <summary>The path of a link in an answer; <see langword="null"/> if <see cref="ArmPath.FromLink"/> refuses the link.</summary>
    public ArmPath? FromLink(string link) => ArmPath.FromLink(link, _configuredEndpoint);

    public void Dispose() => _plainHttp?.Dispose();

    private ArmId Allowed(ArmId id)
    {
        _scope.Check(id);
        return id;
    }

    private static async Task<ArmAnswer?> NullIfNotFoundAsync(Func<Task<ArmAnswer>> read)
    {
        try
        {
            return await read();
        }
        catch (RequestFailedException exception) when (exception.Status == 404)
        {
            return null;
        }
    }

    private static ArmClientOptions ClientOptions(ArmEnvironment environment)
    {
        var options = new ArmClientOptions { Environment = environment };

        // AzureDependency retries and sets timeouts. Retries of the SDK would multiply the attempts.
        options.Retry.MaxRetries = 0;
        options.Retry.NetworkTimeout = Timeout.InfiniteTimeSpan;
        foreach (var type in new[] { ArmIds.ModelVersionType, ArmIds.RegistryModelVersionType, ArmIds.OnlineEndpointType, ArmIds.OnlineDeploymentType })
        {
            // Without a fixed version, the client reads the provider's versions first and uses the newest one, which can be a preview.
            options.SetApiVersion(type, MachineLearningVersion);
        }

        return options;
    }
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
