#!/usr/bin/env dotnet
// SPDX-License-Identifier: Apache-2.0
#:project ../../src/Dora.Nodes/Dora.Nodes.csproj

// Node `random-node`: a random number at each tick. Ends after 100; the others then end too, since all their sources have closed.
using System.Buffers.Binary;
using Dora.Nodes;

Console.WriteLine("hello");
using var node = DoraNode.InitFromEnv();
for (var i = 0; i < 100 && node.Recv() is { } received;)
{
    switch (received)
    {
        case InputEvent { Id: "tick" } tick:
            var random = (ulong)Random.Shared.NextInt64(long.MinValue, long.MaxValue);
            Console.WriteLine($"tick {i}, sending 0x{random:x}");
            node.SendOutputRaw("random", sizeof(ulong), random, static (data, value) => BinaryPrimitives.WriteUInt64LittleEndian(data, value), tick.Metadata.Parameters);
            i++;
            break;
        case InputEvent other:
            Console.Error.WriteLine($"ignoring unexpected input '{other.Id}'");
            break;
        case StopEvent:
            Console.WriteLine("received stop");
            break;
        default:
            Console.Error.WriteLine($"received unexpected event: {received.Kind}");
            break;
    }
}
