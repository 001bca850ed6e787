// SPDX-License-Identifier: Apache-2.0
using Apache.Arrow;
using Apache.Arrow.Types;

/// <summary>An object in a picture: what it is, how sure the detector is (0 to 1), and its box in pixels of that picture.</summary>
internal readonly record struct Detection(string Label, float Score, float Left, float Top, float Right, float Bottom)
{
    private static readonly StructType Boxes2d = new(
    [
        new Field("bbox", new ListType(FloatType.Default), nullable: false),
        new Field("conf", new ListType(FloatType.Default), nullable: false),
        new Field("labels", new ListType(StringType.Default), nullable: false),
    ]);

    /// <summary>
    /// The form in which dora's nodes exchange boxes: one struct of three lists, <c>bbox</c> with left, top, right, bottom of each object,
    /// <c>conf</c> with its score, <c>labels</c> with its name.
    /// </summary>
    public static StructArray ToArrow(IReadOnlyList<Detection> detections)
    {
        var boxes = new ListArray.Builder(FloatType.Default);
        var scores = new ListArray.Builder(FloatType.Default);
        var labels = new ListArray.Builder(StringType.Default);
        boxes.Append();
        scores.Append();
        labels.Append();
        foreach (var detection in detections)
        {
            ((FloatArray.Builder)boxes.ValueBuilder).Append(detection.Left).Append(detection.Top).Append(detection.Right).Append(detection.Bottom);
            ((FloatArray.Builder)scores.ValueBuilder).Append(detection.Score);
            ((StringArray.Builder)labels.ValueBuilder).Append(detection.Label);
        }
        return new StructArray(Boxes2d, 1, [boxes.Build(), scores.Build(), labels.Build()], ArrowBuffer.Empty, nullCount: 0);
    }

    /// <summary>Reads what <see cref="ToArrow"/> made.</summary>
    public static List<Detection> FromArrow(StructArray row)
    {
        var boxes = (FloatArray)((ListArray)row.Fields[0]).GetSlicedValues(0);
        var scores = (FloatArray)((ListArray)row.Fields[1]).GetSlicedValues(0);
        var labels = (StringArray)((ListArray)row.Fields[2]).GetSlicedValues(0);
        var detections = new List<Detection>(scores.Length);
        for (var i = 0; i < scores.Length; i++)
        {
            var box = boxes.Values.Slice(4 * i, 4);
            detections.Add(new Detection(labels.GetString(i), scores.Values[i], box[0], box[1], box[2], box[3]));
        }
        return detections;
    }
}
