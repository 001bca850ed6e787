#!/usr/bin/env dotnet
// SPDX-License-Identifier: Apache-2.0
#:project ../../src/Dora.Nodes/Dora.Nodes.csproj
#:package SkiaSharp@4.155.0
#:package SkiaSharp.NativeAssets.Linux.NoDependencies@4.155.0
#:include FrameSource.cs
#:include V4l2Camera.cs

// Node `camera`: at each tick one picture, as raw pixels. Ends after CAMERA_FRAMES pictures or at the end of the video.
using Dora.Nodes;
using Dora.Protocol;

using var source = FrameSource.Open(Environment.GetEnvironmentVariable("CAMERA_SOURCE"), fallback: "media/street.webp");
var framesMax = int.Parse(Environment.GetEnvironmentVariable("CAMERA_FRAMES") ?? "80");

using var node = DoraNode.InitFromEnv();
Console.WriteLine($"pictures from {source.Description}");
var output = node.GetOutput("image");
var frame = 0L;
while (frame < framesMax && node.Recv() is { } received)
{
    if (received is not InputEvent { Id: "tick" })
        continue;
    if (!source.MoveNext())
        break;
    frame++;
    // The pixels are written once, into the memory that the receivers read.
    var length = source.Width * source.Height * 3;
    using var loan = output.Loan(length);
    source.CopyBgrTo(loan.Payload);
    loan.SendOrWait(length, new MetadataParameters
    {
        ["encoding"] = "bgr8",
        ["width"] = source.Width,
        ["height"] = source.Height,
        ["frame"] = frame,
    });
}
