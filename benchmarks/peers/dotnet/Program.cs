// SPDX-License-Identifier: Apache-2.0

using Dora.Peers;
using Dora.Peers.Harness;

// dora-peers-dotnet <uds|pipelines|nats|grpc> --case … (benchmarks/README.md): what .NET users would pick instead.
try
{
    var options = PeerOptions.Parse(args);
    if (options.Peer is not ("uds" or "pipelines" or "nats" or "grpc"))
        throw new ArgumentException($"unknown peer {options.Peer}");
    if (options.Peer == "nats" && options.SizeBytes + FrameHeader.SizeBytes > 64 << 20)
        throw new UnsupportedException("nats-server takes at most 64 MB a message");
    Pinning.Apply(options);
    if (options.Subscriber is { } index)
        await SubscribeAsync(options, index);
    else
        Console.WriteLine(await PublishAsync(options));
    return 0;
}
catch (UnsupportedException e)
{
    Console.Error.WriteLine(e.Message);
    return 3;
}
catch (ArgumentException e)
{
    Console.Error.WriteLine(e.Message);
    return 2;
}
catch (Exception e) // caught, so that what is in `finally` has run before the process ends
{
    Console.Error.WriteLine(e);
    return 1;
}

static async Task<string> PublishAsync(PeerOptions options)
{
    string folder = Directory.CreateTempSubdirectory("dora-peer-").FullName;
    try
    {
        var reports = new List<SubscriberReport>();
        RunResult run;
        {
            string path = Path.Combine(folder, "socket");
            PublisherEnd end;
            switch (options.Peer)
            {
                case "nats":
                    var server = await NatsServer.StartAsync(folder);
                    await File.WriteAllTextAsync(path, server.Url);
                    var connection = await Nats.ConnectAsync(server.Url, options.SizeBytes);
                    var answers = new List<Link>();
                    for (int i = 0; i < options.Fan; i++)
                        answers.Add(await NatsLink.OpenAsync(connection, Nats.Data, Nats.Answers(i), ownsConnection: false));
                    end = new NatsPublisher(server, connection, answers, options.SizeBytes);
                    run = await RunAsync(options, folder, async () =>
                    {
                        foreach (var answer in answers)
                            await answer.ReceiveAsync(); // each says that it has subscribed
                        return end;
                    });
                    break;
                case "grpc":
                    var grpc = new GrpcServer(options.Fan);
                    var application = await grpc.StartAsync(path);
                    run = await RunAsync(options, folder, async () => new GrpcPublisher(application, await grpc.AllAsync()));
                    break;
                default:
                    using (var listener = UnixSockets.Listen(path))
                    {
                        run = await RunAsync(options, folder, () => Task.FromResult<PublisherEnd>(
                            new LinkedPublisher(UnixSockets.Accept(listener, options.Fan, socket => LinkOver(options, socket)))));
                    }

                    break;
            }
        }

        for (int i = 0; i < options.Fan; i++)
            reports.Add(SubscriberReport.Load(Subscribers.ReportPath(folder, i)));
        return ResultLine.Make(options, run, reports);
    }
    finally
    {
        Directory.Delete(folder, recursive: true);
    }
}

static async Task<RunResult> RunAsync(PeerOptions options, string folder, Func<Task<PublisherEnd>> connect)
{
    using var subscribers = new Subscribers(options, folder);
    var failure = subscribers.FailureAsync();
    var work = Task.Run(async () =>
    {
        RunResult run;
        await using (var end = await connect())
            run = await new PublisherRun(options, end).RunAsync();
        await subscribers.WaitAsync();
        return run;
    });
    if (await Task.WhenAny(work, failure) == failure)
        throw new InvalidOperationException("a subscriber failed");
    return await work;
}

static async Task SubscribeAsync(PeerOptions options, int index)
{
    // The end of standard input is the end of the publisher.
    new Thread(static () =>
    {
        while (Console.In.Read() >= 0)
        {
        }

        Environment.Exit(1);
    })
    { IsBackground = true, Name = "parent watch" }.Start();

    string path = Path.Combine(options.Folder, "socket");
    int creditWindow = 0;
    Link link;
    switch (options.Peer)
    {
        case "nats":
            creditWindow = Nats.CreditWindow(options.SizeBytes);
            var connection = await Nats.ConnectAsync(await File.ReadAllTextAsync(path), options.SizeBytes);
            link = await NatsLink.OpenAsync(connection, Nats.Answers(index), Nats.Data, ownsConnection: true);
            await connection.PingAsync(); // the server has the subscription
            await link.SendAsync(new FrameHeader(0, FrameKind.Credit, 0, 0), default);
            break;
        case "grpc":
            link = GrpcServer.Connect(path, index);
            break;
        default:
            link = LinkOver(options, UnixSockets.Connect(path, index));
            break;
    }

    await using (link)
        await SubscriberRun.RunAsync(options, link, creditWindow, Subscribers.ReportPath(options.Folder, index));
}

static Link LinkOver(PeerOptions options, System.Net.Sockets.Socket socket) =>
    options.Peer == "uds" ? new UdsLink(socket, options.SizeBytes) : new PipelinesLink(socket, options.SizeBytes);
