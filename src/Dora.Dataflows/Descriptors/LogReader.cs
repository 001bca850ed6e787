// SPDX-License-Identifier: Apache-2.0

namespace Dora.Dataflows.Descriptors;

/// <summary>Reads the logging keys.</summary>
internal static class LogReader
{
    public static LogDescriptor Read(KeyReader reader) => new()
    {
        SendStdoutAs = reader.Id("send_stdout_as"),
        SendLogsAs = reader.Id("send_logs_as"),
        MinLevel = reader.Text("min_log_level"),
        MaxSizeBytes = reader.Bytes("max_log_size"),
        MaxRotatedFiles = reader.Integer("max_rotated_files"),
    };
}
