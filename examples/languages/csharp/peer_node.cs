#!/usr/bin/env dotnet
// SPDX-License-Identifier: Apache-2.0
#:project ../../../src/Dora.Nodes/Dora.Nodes.csproj
#:include Cases.cs
#:include Book.cs

// The node in C#: sends all cases, and checks those of everybody.
using Dora.Nodes;

const string Me = "csharp-node";

using var node = DoraNode.InitFromEnv();
Book book = new(Me);
foreach (var name in Cases.Names)
{
    var parameters = Cases.ParametersOf(Me, name);
    if (Cases.ByteCount(name) is { } count)
        node.SendOutputRaw("messages", count, Cases.WritePattern, parameters); // straight into shared memory
    else
        node.SendOutput("messages", Cases.ArrayOf(name), parameters);
}

try
{
    while (!book.IsComplete && node.Recv() is { } e)
    {
        switch (e)
        {
            case InputEvent input:
                book.Check(input.Id, input.Metadata.Parameters, input.Data.IsTyped ? Description.Of(input.Data.AsArrow()) : Description.Of(input.Data.Span));
                break;
            case InputClosedEvent closed:
                book.Close(closed.Id);
                break;
        }
    }

    foreach (var peer in Cases.Peers)
        book.Close(peer);
    return 0;
}
catch (DifferenceException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
