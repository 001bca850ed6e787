// SPDX-License-Identifier: Apache-2.0

using Dora.Protocol;

namespace Dora.CApi.Handles;

/// <summary>Parameters of a message as C holds them.</summary>
internal sealed class MetadataBox
{
    public MetadataParameters Parameters { get; set; } = MetadataParameters.Empty;
}
