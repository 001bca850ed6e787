// SPDX-License-Identifier: Apache-2.0

namespace Dora.Dataflows.Schema;

/// <summary>The JSON schema of a descriptor, generated from the same keys that the parser checks against.</summary>
public static class DataflowSchema
{
    /// <summary>JSON text, indented, with a line end at its end; the same each time.</summary>
    public static string Generate() => throw new NotSupportedException();
}
