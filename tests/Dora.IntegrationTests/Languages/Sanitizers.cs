// SPDX-License-Identifier: Apache-2.0

using Dora.IntegrationTests.Faults;

namespace Dora.IntegrationTests.Languages;

/// <summary>AddressSanitizer, LeakSanitizer and UBSan: the first thing that they find ends the program, and so fails its dataflow.</summary>
internal static class Sanitizers
{
    /// <summary>For gcc and g++.</summary>
    public static readonly string[] Options = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];

    /// <summary>Tells the programs of a run.</summary>
    public static void Configure(DataflowRun run)
    {
        foreach (var (name, value) in Environment(run.Folder))
            run.Environment[name] = value;
    }

    /// <summary>
    /// libdora's runtime has a SIGSEGV handler of its own, and frees nothing at exit. What it was given by a program is the program's, and is
    /// looked for.
    /// </summary>
    /// <param name="folder">Where a file of suppressions may be.</param>
    public static Dictionary<string, string> Environment(string folder)
    {
        var suppressions = Path.Combine(folder, "leaks");
        File.WriteAllText(suppressions, "leak:libdora_node_api_c\n");
        return new()
        {
            ["ASAN_OPTIONS"] = "handle_segv=0:detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1",
            ["LSAN_OPTIONS"] = $"suppressions={suppressions}:print_suppressions=0",
            ["UBSAN_OPTIONS"] = "print_stacktrace=1",
        };
    }
}
