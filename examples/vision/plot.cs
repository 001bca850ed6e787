#!/usr/bin/env dotnet
// SPDX-License-Identifier: Apache-2.0
#:project ../../src/Dora.Nodes/Dora.Nodes.csproj
#:package SkiaSharp@4.155.0
#:package SkiaSharp.NativeAssets.Linux.NoDependencies@4.155.0
#:include Annotator.cs
#:include Detection.cs

// Node `plot`: brings each picture together with its boxes, draws them and saves the picture in the folder PLOT_FOLDER, beside a table
// of all boxes, detections.csv.
using System.Globalization;
using Apache.Arrow;
using Dora.Nodes;

var folder = Directory.CreateDirectory(Environment.GetEnvironmentVariable("PLOT_FOLDER") ?? "out").FullName;
foreach (var old in Directory.EnumerateFiles(folder, "frame_*.png"))
    File.Delete(old);
using var table = new StreamWriter(Path.Combine(folder, "detections.csv"));
table.WriteLine("frame,label,score,left,top,right,bottom");
using var annotator = new Annotator("media/DejaVuSans-Bold.ttf");
var pictures = new SortedDictionary<long, InputEvent>(); // by frame; still in the memory that the camera wrote
var boxes = new SortedDictionary<long, List<Detection>>();
var totals = new SortedDictionary<string, int>();
int saved = 0, skipped = 0;

using var node = DoraNode.InitFromEnv();
var boxesEnded = false;
while (!(boxesEnded && boxes.Count == 0) && node.Recv() is { } received)
{
    switch (received)
    {
        case InputEvent { Id: "image" } image:
            pictures.Add(Frame(image), image.Retain());
            PlotIfComplete(Frame(image));
            break;
        case InputEvent { Id: "bbox" } bbox:
            boxes.Add(Frame(bbox), Detection.FromArrow(bbox.Data.AsArrow<StructArray>()));
            PlotIfComplete(Frame(bbox));
            break;
        case InputClosedEvent { Id: "bbox" }: // pictures alone would only fill the camera's memory
            boxesEnded = true;
            break;
    }
}

skipped += pictures.Count;
foreach (var picture in pictures.Values)
    picture.Dispose();
Console.WriteLine($"{saved} pictures in {folder}" + (skipped > 0 ? $", {skipped} skipped to keep pace" : ""));
Console.WriteLine(totals.Count > 0 ? $"found {Counts(totals)}" : "found nothing");

static long Frame(InputEvent input) => input.Metadata.Parameters["frame"].AsInteger;

void PlotIfComplete(long frame)
{
    if (!pictures.ContainsKey(frame) || !boxes.Remove(frame, out var detections))
        return;
    // Both come in order: what is left of earlier frames waits in vain, because a full queue lost the other half.
    foreach (var earlier in boxes.Keys.TakeWhile(number => number < frame).ToList())
        boxes.Remove(earlier);
    foreach (var earlier in pictures.Keys.TakeWhile(number => number < frame).ToList())
    {
        pictures.Remove(earlier, out var lost);
        lost!.Dispose();
        skipped++;
    }
    pictures.Remove(frame, out var picture);
    using (picture)
        Save(frame, picture!, detections);
}

void Save(long frame, InputEvent picture, List<Detection> detections)
{
    var counts = new SortedDictionary<string, int>();
    foreach (var detection in detections)
    {
        counts[detection.Label] = counts.GetValueOrDefault(detection.Label) + 1;
        totals[detection.Label] = totals.GetValueOrDefault(detection.Label) + 1;
        table.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"{frame},{detection.Label},{detection.Score:0.00},{detection.Left:0},{detection.Top:0},{detection.Right:0},{detection.Bottom:0}"));
    }
    var caption = $"frame {frame}: {(detections.Count > 0 ? Counts(counts) : "nothing")}";
    var name = $"frame_{frame:0000}.png";
    var parameters = picture.Metadata.Parameters;
    annotator.Save(picture.Data.Span, (int)parameters["width"].AsInteger, (int)parameters["height"].AsInteger, detections, caption, Path.Combine(folder, name));
    saved++;
    Console.WriteLine($"{caption} ({name})");
}

static string Counts(SortedDictionary<string, int> counts) => string.Join(", ", counts.Select(entry => $"{entry.Value} {entry.Key}"));
