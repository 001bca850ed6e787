// SPDX-License-Identifier: Apache-2.0

namespace Dora.Dataflows.Parsing;

/// <summary>Which environment variables a descriptor may set.</summary>
internal static class EnvironmentRules
{
    /// <summary>Variables that make the loader, a runtime or a shell run other code than the program that was named.</summary>
    private static readonly string[] LoadsCode =
    [
        "DOTNET_STARTUP_HOOKS", "DOTNET_ADDITIONAL_DEPS", "DOTNET_SHARED_STORE", "PYTHONSTARTUP", "NODE_OPTIONS", "PERL5OPT",
        "RUBYOPT", "BASH_ENV", "GCONV_PATH", "JAVA_TOOL_OPTIONS",
    ];

    private static readonly string[] LoadsCodePrefixes = ["LD_", "DYLD_", "CORECLR_", "COR_"];

    /// <summary>Variables by which the daemon talks to the node.</summary>
    private static readonly string[] Reserved =
    [
        "DORA_DAEMON_SOCKET", "DORA_NODE_ID", "DORA_DATAFLOW_ID", "DORA_SECRET_FD", "DORA_NODE_CONFIG", "DORA_RUNTIME_CONFIG",
        "DORA_AUTH_TOKEN", "DORA_ALLOW_SHELL_NODES", "DORA_RUN_PARENT_PID",
    ];

    /// <summary>The rule for the JSON schema; the deny list is left to us.</summary>
    public const string Pattern = "^[^=\\s\\u0000]{1,256}$";

    /// <summary>Null when it is a name.</summary>
    public static string? NameProblem(string name)
    {
        if (name.Length == 0) return "it is empty";
        if (name.Length > 256) return "it is longer than 256 characters";
        return name.Any(c => c == '=' || c == '\0' || char.IsWhiteSpace(c)) ? "it holds '=', a space or a control character" : null;
    }

    /// <summary>Null when it may be set, else why not.</summary>
    public static string? DeniedBecause(string name)
    {
        string upper = name.ToUpperInvariant();
        if (LoadsCode.Contains(upper) || LoadsCodePrefixes.Any(p => upper.StartsWith(p, StringComparison.Ordinal)))
            return "It makes the system run other code than the program that is named, which a descriptor from elsewhere must not.";
        return Reserved.Contains(upper) ? "The daemon sets it itself." : null;
    }
}
