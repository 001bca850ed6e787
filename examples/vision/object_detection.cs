#!/usr/bin/env dotnet
// SPDX-License-Identifier: Apache-2.0
#:project ../../src/Dora.Nodes/Dora.Nodes.csproj
#:package Microsoft.ML.OnnxRuntime@1.31.1
#:include NanoDet.cs
#:include Detection.cs

// Node `object_detection`: finds objects in each picture and sends their boxes. MIN_SCORE is the least score (0 to 1) of a box,
// LABELS the comma-separated names to look for (all that the model knows if it is empty).
using System.Globalization;
using Dora.Nodes;
using Dora.Protocol;

var minScore = float.Parse(Environment.GetEnvironmentVariable("MIN_SCORE") ?? "0.5", CultureInfo.InvariantCulture);
var labels = (Environment.GetEnvironmentVariable("LABELS") ?? "").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
using var detector = new NanoDet("model/nanodet-g-416.onnx", "model/coco.txt", threads: Math.Min(Environment.ProcessorCount, 4));
foreach (var unknown in labels.Except(detector.Labels))
    Console.Error.WriteLine($"LABELS: the model does not know '{unknown}'");

using var node = DoraNode.InitFromEnv();
while (node.Recv() is { } received)
{
    if (received is not InputEvent { Id: "image" } image)
        continue;
    var parameters = image.Metadata.Parameters;
    if (parameters.GetString("encoding") is not "bgr8" and var encoding)
        throw new InvalidDataException($"pictures must be bgr8, not '{encoding}'");
    var found = detector.Detect(
        image.Data.Span,
        (int)parameters["width"].AsInteger,
        (int)parameters["height"].AsInteger,
        minScore,
        label => labels is [] || labels.Contains(label));
    node.SendOutput("bbox", Detection.ToArrow(found), new MetadataParameters
    {
        ["primitive"] = "boxes2d",
        ["format"] = "xyxy",
        ["frame"] = parameters["frame"],
    });
}
