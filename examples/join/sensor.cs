#!/usr/bin/env dotnet
// SPDX-License-Identifier: Apache-2.0
#:project ../../src/Dora.Nodes/Dora.Nodes.csproj

// A sensor: a reading at each tick, with the time at which it was taken as a parameter. Its clock is its own, so that every run is the same.
using Dora.Nodes;
using Dora.Protocol;

const long NsPerMs = 1_000_000;
long period = Setting("PERIOD_MS"), offset = Setting("OFFSET_MS"), readings = Setting("READINGS");
using var node = DoraNode.InitFromEnv();
for (long i = 0; i < readings && node.Recv() is { } received;)
{
    if (received is not InputEvent)
        continue;
    var takenMs = offset + (i * period);
    node.SendOutput("reading", BitConverter.GetBytes(takenMs), new MetadataParameters { ["taken"] = takenMs * NsPerMs });
    i++;
}

static long Setting(string name) => long.Parse(Environment.GetEnvironmentVariable(name) ?? throw new InvalidOperationException($"{name} is not set"));
