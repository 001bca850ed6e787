// SPDX-License-Identifier: Apache-2.0

using System.Numerics;

namespace Dora.Protocol;

/// <summary>The few facts of the protobuf wire format that the metadata codec needs.</summary>
internal static class Wire
{
    public const uint Varint = 0;
    public const uint Fixed64 = 1;
    public const uint Bytes = 2;
    public const uint StartGroup = 3;
    public const uint EndGroup = 4;
    public const uint Fixed32 = 5;

    // Field numbers of metadata.proto.
    public const int MetadataParameters = 1;
    public const int MetadataArrow = 2;
    public const int ParameterKey = 1;
    public const int ListValues = 1;
    public const int ArrowSchema = 1;
    public const int ArrowNodes = 2;
    public const int NodeLength = 1;
    public const int NodeNullCount = 2;
    public const int NodeOffset = 3;
    public const int NodeBuffers = 4;
    public const int RangeOffset = 1;
    public const int RangeLength = 2;

    public static int VarintSize(ulong value) => (BitOperations.Log2(value | 1) * 9 + 73) / 64; // ceil(bits / 7) without a division

    /// <summary>Size of a field with one-byte tag and a length prefix.</summary>
    public static int BytesFieldSize(int length) => 1 + VarintSize((ulong)length) + length;

    /// <summary>Size of a varint field with one-byte tag; proto3 leaves out a zero.</summary>
    public static int ImplicitVarintFieldSize(ulong value) => value == 0 ? 0 : 1 + VarintSize(value);
}
