// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;

namespace Dora.Dataflows.Types;

/// <summary>The types that every dataflow knows, with the names and fields that dora gave them.</summary>
internal static class StandardTypes
{
    public const string Prefix = "std/";
    public const string Bytes = "std/core/v1/Bytes";
    public const string Tick = "std/core/v1/UInt64";
    public const string Text = "std/core/v1/String";

    /// <summary>Arrow types that a field may have.</summary>
    public static readonly ImmutableHashSet<string> ArrowTypes =
    [
        "Boolean", "Int8", "Int16", "Int32", "Int64", "UInt8", "UInt16", "UInt32", "UInt64", "Float16", "Float32", "Float64",
        "Utf8", "LargeUtf8", "Binary", "LargeBinary", "Struct", "List", "LargeList", "Date32", "Date64", "Timestamp", "Duration",
    ];

    /// <summary>Conversions that lose nothing; each may follow another, up to <see cref="TypeCompatibility.MaxSteps"/>.</summary>
    public static readonly ImmutableArray<(string From, string To)> Widenings =
    [
        ("std/core/v1/UInt8", "std/core/v1/UInt32"),
        ("std/core/v1/UInt32", "std/core/v1/UInt64"),
        ("std/core/v1/Int32", "std/core/v1/Int64"),
        ("std/core/v1/Float32", "std/core/v1/Float64"),
    ];

    public static readonly ImmutableArray<TypeDefinition> All =
    [
        Simple("core/v1/Float32", "Float32"),
        Simple("core/v1/Float64", "Float64"),
        Simple("core/v1/Int8", "Int8"),
        Simple("core/v1/Int16", "Int16"),
        Simple("core/v1/Int32", "Int32"),
        Simple("core/v1/Int64", "Int64"),
        Simple("core/v1/UInt8", "UInt8"),
        Simple("core/v1/UInt16", "UInt16"),
        Simple("core/v1/UInt32", "UInt32"),
        Simple("core/v1/UInt64", "UInt64"),
        Simple("core/v1/String", "Utf8"),
        Simple("core/v1/Bytes", "LargeBinary"),
        Simple("core/v1/Bool", "Boolean"),
        Struct("math/v1/Vector3", "x:Float64 y:Float64 z:Float64"),
        Struct("math/v1/Quaternion", "x:Float64 y:Float64 z:Float64 w:Float64"),
        Struct("math/v1/Pose", "position:Vector3 orientation:Quaternion"),
        Struct("math/v1/Transform", "translation:Vector3 rotation:Quaternion"),
        Struct("control/v1/Twist", "linear:Vector3 angular:Vector3"),
        Struct("control/v1/JointState", "names:List<Utf8> positions:List<Float64> velocities:List<Float64> efforts:List<Float64>"),
        Struct("control/v1/Odometry", "pose:Pose twist:Twist frame_id:Utf8"),
        Struct("media/v1/Image", "width:UInt32 height:UInt32 encoding:Utf8 data:LargeBinary"),
        Simple("media/v1/CompressedImage", "LargeBinary"),
        Struct("media/v1/PointCloud", "points:LargeBinary width:UInt32 height:UInt32"),
        Struct("media/v1/AudioFrame", "sample_rate:UInt32 channels:UInt32 data:LargeBinary"),
        Struct("vision/v1/BoundingBox", "x:Float32 y:Float32 width:Float32 height:Float32 confidence:Float32 label:Utf8"),
        Struct("vision/v1/Detection", "boxes:List<BoundingBox>"),
        Struct("vision/v1/Segmentation", "width:UInt32 height:UInt32 num_classes:UInt32 mask:LargeBinary class_names:List<Utf8>"),
    ];

    private static TypeDefinition Simple(string name, string arrow) => new(Prefix + name, arrow, []);

    private static TypeDefinition Struct(string name, string fields) =>
        new(Prefix + name, "Struct", [.. fields.Split(' ').Select(f => f.Split(':')).Select(f => new TypeField(f[0], f[1]))]);
}
