// SPDX-License-Identifier: Apache-2.0

namespace Dora.Protocol;

/// <summary>Caps of message metadata. Writers refuse to exceed them, readers refuse to believe more.</summary>
public static class MetadataLimits
{
    /// <summary>Encoded bytes of all metadata of one message.</summary>
    public const int BytesMax = 1 << 20;

    /// <summary>Parameters of one message.</summary>
    public const int ParametersMax = 1024;

    /// <summary>UTF-8 bytes of one key.</summary>
    public const int KeyBytesMax = 256;

    /// <summary>Elements of one list parameter.</summary>
    public const int ListLengthMax = 65_536;

    /// <summary>Encoded bytes of an Arrow field description.</summary>
    public const int ArrowSchemaBytesMax = 256 << 10;

    /// <summary>Arrow fields of one message, all levels together.</summary>
    public const int ArrowNodesMax = 4096;

    /// <summary>Arrow buffers of one message, all fields together.</summary>
    public const int ArrowBuffersMax = 16_384;

    /// <summary>Levels of nesting of an Arrow type.</summary>
    public const int ArrowDepthMax = 64;
}
