// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using Dora.Nodes;

namespace Dora.TestNodes.Behaviours;

/// <summary>Nodes that are slow, deaf or greedy.</summary>
internal static class Stubborn
{
    /// <summary>Never connects.</summary>
    public static int HangInInit(Options options)
    {
        _ = options;
        Thread.Sleep(Timeout.Infinite);
        return 0;
    }

    /// <summary>Goes on after the stop; SIGTERM ends it.</summary>
    public static int IgnoreStop(Options options)
    {
        _ = options;
        using var node = DoraNode.InitFromEnv();
        while (node.Recv() is not null)
        {
        }

        Thread.Sleep(Timeout.Infinite);
        return 0;
    }

    /// <summary>Goes on after the stop and after SIGTERM; only SIGKILL ends it.</summary>
    public static int IgnoreSigterm(Options options)
    {
        using var ignored = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            Console.WriteLine("ignoring SIGTERM");
        });
        return IgnoreStop(options);
    }

    /// <summary>Connects, then never looks at what arrives.</summary>
    public static int NeverRead(Options options)
    {
        _ = options;
        using var node = DoraNode.InitFromEnv();
        Thread.Sleep(Timeout.Infinite);
        return 0;
    }

    /// <summary>Takes <c>--ms</c> for each message.</summary>
    public static int SleepPerMessage(Options options)
    {
        using var node = DoraNode.InitFromEnv();
        var pause = options.Milliseconds("ms", 100);
        var result = new ResultFile(options.TryText("result"));
        while (node.Recv() is { } received)
        {
            if (received is not InputEvent)
                continue;
            Thread.Sleep(pause);
            result.Add("received");
            result.WriteNowAndThen();
        }

        result.Write();
        return 0;
    }

    /// <summary>Retains the first <c>--hold</c> messages until it is stopped, then checks that they still are what they were.</summary>
    public static int HoldSamples(Options options)
    {
        using var node = DoraNode.InitFromEnv();
        var holdMax = options.Number("hold", 8);
        var result = new ResultFile(options.TryText("result"));
        var held = new List<InputEvent>();
        while (node.Recv() is { } received)
        {
            if (received is not InputEvent input)
                continue;
            result.Add("received");
            if (held.Count < holdMax)
                held.Add(input.Retain());
            result["held"] = $"{held.Count}";
            result.WriteNowAndThen();
        }

        foreach (var input in held)
        {
            if (TestPayload.Verify(input.Data, out _, out _) is { } problem)
                result.Problem(problem);
            input.Dispose();
        }

        result["ended"] = "1";
        result.Write();
        return result.Number("problems") == 0 ? 0 : 1;
    }
}
