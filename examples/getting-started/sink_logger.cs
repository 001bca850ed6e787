#!/usr/bin/env dotnet
// SPDX-License-Identifier: Apache-2.0
#:project ../../src/Dora.Nodes/Dora.Nodes.csproj

// Node `sink`: prints what arrives, and fails if it is not what the operator should say.
using System.Text;
using Dora.Nodes;

using var node = DoraNode.InitFromEnv();
while (node.Recv() is { } received)
{
    switch (received)
    {
        case InputEvent { Id: "message" } message:
            var text = Encoding.UTF8.GetString(message.Data);
            Console.WriteLine($"sink received message: {text}");
            if (!text.StartsWith("operator received random value ", StringComparison.Ordinal))
                throw new InvalidDataException("unexpected message format (should start with 'operator received random value ')");
            if (!text.EndsWith(" ticks", StringComparison.Ordinal))
                throw new InvalidDataException("unexpected message format (should end with ' ticks')");
            break;
        case InputEvent other:
            Console.Error.WriteLine($"ignoring unexpected input '{other.Id}'");
            break;
        case InputClosedEvent closed:
            Console.WriteLine($"input '{closed.Id}' was closed");
            break;
        case StopEvent:
            Console.WriteLine("received stop");
            break;
        default:
            Console.Error.WriteLine($"received unexpected event: {received.Kind}");
            break;
    }
}
