// SPDX-License-Identifier: Apache-2.0

using System.Text.Json;
using Dora.Dataflows;
using Dora.Dataflows.Diagnostics;

namespace Dora.Cli.Output;

/// <summary>Findings for programs: <c>{"valid": false, "diagnostics": [{"code", "severity", "message", …}]}</c>.</summary>
internal static class DiagnosticJson
{
    public static void Write(LoadResult result, TextWriter to) => JsonText.Write(to, json =>
    {
        json.WriteStartObject();
        json.WriteBoolean("valid", !result.HasErrors);
        json.WriteStartArray("diagnostics");
        foreach (var diagnostic in result.Diagnostics)
            Write(diagnostic, json);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static void Write(Diagnostic diagnostic, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("code", diagnostic.Code);
        json.WriteString("severity", diagnostic.IsError ? "error" : "warning");
        json.WriteString("message", diagnostic.Message);
        json.WriteString("cause", diagnostic.Cause);
        json.WriteString("fix", diagnostic.Fix);
        json.WriteString("file", diagnostic.SourceFile);
        json.WriteNumber("line", diagnostic.Line);
        json.WriteNumber("column", diagnostic.Column);
        json.WriteNumber("endColumn", diagnostic.EndColumn);
        json.WriteEndObject();
    }
}
