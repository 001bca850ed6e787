// SPDX-License-Identifier: Apache-2.0
#:project ../../src/Dora.Nodes/Dora.Nodes.csproj

// Node `printer`: prints each count that it gets.
using System.Text;
using Dora.Nodes;

using var node = DoraNode.InitFromEnv();
while (node.Recv() is { } received)
{
    if (received is InputEvent input)
        Console.WriteLine($"count {Encoding.UTF8.GetString(input.Data.Span)}");
}
