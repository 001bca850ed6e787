// SPDX-License-Identifier: Apache-2.0

using Dora.Testing;

namespace Dora.IntegrationTests.Languages;

/// <summary>A cargo and the compiler that belongs to it.</summary>
/// <param name="Name">For people.</param>
/// <param name="Command">Words in front of cargo's arguments.</param>
internal sealed record RustToolchain(string Name, string[] Command)
{
    /// <summary>Debian's: the oldest that the crates promise to build with (<c>rust-version</c>).</summary>
    public static readonly RustToolchain Oldest = new(
        "oldest", ["env", "RUSTC=/usr/bin/rustc", "RUSTDOC=/usr/bin/rustdoc", "CARGO_NET_OFFLINE=true", "/usr/bin/cargo"]);

    /// <summary>The one a user calls: rustup's where there is one.</summary>
    public static readonly RustToolchain Usual = new("usual", ["env", "CARGO_NET_OFFLINE=true", "cargo"]);

    /// <summary>Runs cargo, which must succeed.</summary>
    /// <returns>What it wrote to standard output.</returns>
    public string Run(string folder, params string[] arguments) => Tool.Run(Command[0], [.. Command[1..], .. arguments], folder: folder);

    /// <summary>Whether there is such a command of cargo.</summary>
    public bool Has(string command) => Tool.Try(Command[0], [.. Command[1..], command, "--version"]).ExitCode == 0;
}

/// <summary>The programs under <c>tests/nodes/rust</c>, a workspace with crates of Debian beside ours; built once.</summary>
internal static class RustPrograms
{
    private static readonly Lazy<string> Built = new(Build);

    /// <summary>The workspace with the documentation's programs and ours.</summary>
    public static string Workspace => Sdk.Sources("rust");

    /// <summary>The workspace with the crates of dora.</summary>
    public static string Crates => Path.Combine(DoraExecutable.RepositoryRoot, "bindings", "rust");

    /// <summary>The program with all behaviours, for <c>path</c>.</summary>
    public static string Behaviours => Path.Combine(Built.Value, "behaviours");

    /// <summary>Starts the workspace anew: what one cargo wrote down need not suit another.</summary>
    public static void ForgetVersions() => File.Delete(Path.Combine(Workspace, "Cargo.lock"));

    private static string Build()
    {
        _ = Sdk.Prefix; // the crate remembers where libdora is
        ForgetVersions();
        var target = Path.Combine(Workspace, "target", "oldest");
        RustToolchain.Oldest.Run(Workspace, "build", "--quiet", "--package", "behaviours", "--target-dir", target);
        return Path.Combine(target, "debug");
    }
}
