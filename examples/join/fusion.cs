#!/usr/bin/env dotnet
// SPDX-License-Identifier: Apache-2.0
#:project ../../src/Dora.Nodes/Dora.Nodes.csproj

// Prints what the two sensors measured at the same time, and the means that the operator sends.
using Dora.Nodes;

var (pairs, means) = (0, 0);
using var node = DoraNode.InitFromEnv();
while (node.Recv() is { } received)
{
    switch (received)
    {
        case JoinedEvent set:
            pairs++;
            long left = BitConverter.ToInt64(set["left"]!.Data), right = BitConverter.ToInt64(set["right"]!.Data);
            Console.WriteLine($"pair {pairs}: left at {left} ms, right at {right} ms, {set.Spread.TotalMilliseconds} ms apart, {set.Dropped} without a partner");
            break;
        case InputEvent { Id: "mean" } mean:
            means++;
            Console.WriteLine($"mean {means}: {BitConverter.ToDouble(mean.Data)}");
            break;
    }
}

Console.WriteLine($"{pairs} pairs, {means} means");
