// SPDX-License-Identifier: Apache-2.0

using Dora.Daemon;

namespace Dora.Cli;

/// <summary>Where dora's other files are, seen from the running program.</summary>
internal static class Installation
{
    /// <summary>The checkout that this dora was built in, or null when it was installed.</summary>
    public static string? Checkout { get; } = FindCheckout();

    /// <summary>The program that hosts operators.</summary>
    /// <exception cref="CliException">It is not there.</exception>
    public static NodeCommand Runtime()
    {
        string[] candidates =
        [
            Path.Combine(AppContext.BaseDirectory, "runtime", "dora-runtime"),
            .. Checkout is { } root ? new[] { "Debug", "Release" }.Select(c => Path.Combine(root, "src", "Dora.Runtime.Host", "bin", c, "net10.0", "dora-runtime")) : [],
        ];
        var program = candidates.FirstOrDefault(File.Exists)
            ?? throw new CliException($"dora-runtime is not where it belongs: {candidates[0]}", ExitCode.Failed, "install dora again, or start it by ./dora in its checkout");
        return new NodeCommand(program, []);
    }

    // Found by looking up, not written into the program: a checkout may be moved.
    private static string? FindCheckout()
    {
        for (var at = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory); at is not null; at = Path.GetDirectoryName(at))
        {
            if (File.Exists(Path.Combine(at, "src", "Dora.Nodes", "Dora.Nodes.csproj")))
                return at;
        }

        return null;
    }
}
