// SPDX-License-Identifier: Apache-2.0

namespace Dora.CApi.Handles;

/// <summary>All handles of the process, one table a kind.</summary>
internal static class Tables
{
    public static readonly HandleTable<NodeBox> Nodes = new(0xD0, "dora node");
    public static readonly HandleTable<EventBox> Events = new(0xD1, "dora event");
    public static readonly HandleTable<LoanBox> Loans = new(0xD2, "dora loan");
    public static readonly HandleTable<MetadataBox> Metadata = new(0xD3, "dora metadata");
}
