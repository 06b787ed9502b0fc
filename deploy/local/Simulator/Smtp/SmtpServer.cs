using System.Net;
using System.Net.Sockets;

using Microsoft.Extensions.Options;

using MLEvents.Local.Simulator.Configuration;
using MLEvents.Local.Simulator.Storage;

namespace MLEvents.Local.Simulator.Smtp;

/// <summary>Accepts SMTP connections on loopback and stores received mails in the inbox.</summary>
internal sealed class SmtpServer(SmtpEndpoint endpoint, SmtpMailbox mailbox, BackgroundWork work, IOptions<SimulatorOptions> options) : IHostedService, IDisposable
{
    /// <summary>The operation name of SMTP in faults and counters.</summary>
    public const string Operation = "Smtp";

    private const int MaxConnections = 64;
    private readonly TcpListener _listener = new(IPAddress.Loopback, options.Value.SmtpPort);
    private volatile bool _stopped;
    private int _open;

    /// <inheritdoc/>
    public Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            _listener.Start();
        }
        catch (SocketException exception)
        {
            throw new IOException($"The SMTP inbox cannot listen on 127.0.0.1:{options.Value.SmtpPort}: {exception.Message.TrimEnd('.')}. Set Simulator:SmtpPort to a free port, or to 0 for any free port.", exception);
        }

        endpoint.Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        work.Start("SMTP inbox", AcceptAsync);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _stopped = true;
        _listener.Dispose();
    }

    private async Task AcceptAsync(CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(cancellationToken);
                work.Start("SMTP session", token => ServeAsync(client, token));
            }
        }
        catch (Exception exception) when (_stopped && exception is SocketException or InvalidOperationException)
        {
            // The listener was stopped. If it was stopped before the call of AcceptTcpClientAsync, TcpListener throws InvalidOperationException.
        }
    }

    private async Task ServeAsync(TcpClient client, CancellationToken cancellationToken)
    {
        using (client)
        {
            try
            {
                if (Interlocked.Increment(ref _open) > MaxConnections)
                {
                    return;
                }

                // A pipelining client delays its acknowledgement, and Nagle's algorithm would hold back the second reply until the acknowledgement arrives.
                client.NoDelay = true;
                await using var lines = new SmtpStream(client.GetStream(), options.Value.SmtpIdleTimeout, mailbox.Time);
                await new SmtpSession(client, lines, mailbox, options.Value).RunAsync(cancellationToken);
            }
            catch (Exception exception) when (exception is IOException or SocketException or TimeoutException)
            {
                mailbox.Lost(exception);
            }
            finally
            {
                Interlocked.Decrement(ref _open);
            }
        }
    }
}
