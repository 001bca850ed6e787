// SPDX-License-Identifier: Apache-2.0

using Dora.Dataflows.Descriptors;
using Dora.Dataflows.Diagnostics;
using Dora.Dataflows.Graph;
using Dora.Dataflows.Keys;

namespace Dora.Dataflows.Resolving;

/// <summary>Finds out what an operator is made of.</summary>
internal sealed class OperatorResolver(PathResolver paths, LoadOptions options, DiagnosticBag diagnostics)
{
    /// <param name="op">The operator.</param>
    /// <param name="isBuilt">Whether a build makes its file, so that it need not be there yet.</param>
    /// <returns>Null when it was reported.</returns>
    public (OperatorKind Kind, string Source)? Resolve(OperatorDescriptor op, bool isBuilt)
    {
        if (op.Implementations.Length != 1)
        {
            ReportCount(op);
            return null;
        }

        var (key, source) = op.Implementations[0];
        if (source.Value.Length == 0) return null; // its shape was reported
        var kind = KindOf(key.Value);
        string full = kind == OperatorKind.SharedLibrary ? SharedLibrary(op, source, isBuilt) : File(op, key, source, isBuilt);
        if (!options.Operators.Contains(kind))
        {
            diagnostics.Error(
                "DF0902", key.Span,
                $"{op.Label} is not supported yet: running {NameOf(kind)} operators",
                fix: "write it in C# ('csharp: Operator.cs'), Python ('python: operator.py') or C ('shared-library: …'), or make it a node of its own with 'path'");
            return null;
        }

        return (kind, full);
    }

    private void ReportCount(OperatorDescriptor op)
    {
        string all = Quoted.OneOf(OperatorKeys.Implementations);
        if (op.Implementations.IsEmpty)
            diagnostics.Error("DF0116", op.Id.Span, $"{op.Label} has no code", fix: $"give it one of {all}");
        else
            diagnostics.Error(
                "DF0117", op.Implementations[1].Key.Span,
                $"{op.Label} has both {Quoted.Text(op.Implementations[0].Key.Value)} and {Quoted.Text(op.Implementations[1].Key.Value)}, but it can have only one",
                fix: "keep one, or make two operators");
    }

    private string File(OperatorDescriptor op, Located<string> key, Located<string> source, bool isBuilt)
    {
        string subject = $"{Quoted.Text(key.Value)} of {op.Label}";
        string full = paths.Resolve(source, subject);
        string[] extensions = key.Value switch
        {
            "csharp" => [".cs", ".csproj", ".dll"],
            "python" => [".py"],
            _ => [".wasm", ".wat"],
        };
        if (!extensions.Contains(Path.GetExtension(full).ToLowerInvariant()))
            diagnostics.Error(
                "DF0135", source.Span,
                $"{subject} must be a file that ends in {Quoted.OneOf(extensions)}, but this is {Quoted.Text(source.Value)}");
        else if (!isBuilt)
            paths.RequireFile(source, full, subject);
        return full;
    }

    /// <summary>Adds <c>lib</c> and the extension, unless a file of just that name is meant.</summary>
    private string SharedLibrary(OperatorDescriptor op, Located<string> source, bool isBuilt)
    {
        string subject = $"'shared-library' of {op.Label}";
        string full = paths.Resolve(source, subject);
        if (!Path.GetExtension(full).Equals(".so", StringComparison.Ordinal))
        {
            string folder = Path.GetDirectoryName(full) ?? "/";
            string name = Path.GetFileName(full);
            string plain = Path.Combine(folder, $"{name}.so");
            string prefixed = Path.Combine(folder, $"lib{name}.so");
            full = name.StartsWith("lib", StringComparison.Ordinal) && !System.IO.File.Exists(prefixed) ? plain : prefixed;
        }

        if (!isBuilt) paths.RequireFile(source, full, subject);
        return full;
    }

    private static OperatorKind KindOf(string key) => key switch
    {
        "csharp" => OperatorKind.CSharp,
        "shared-library" => OperatorKind.SharedLibrary,
        "python" => OperatorKind.Python,
        _ => OperatorKind.Wasm,
    };

    private static string NameOf(OperatorKind kind) => kind switch
    {
        OperatorKind.SharedLibrary => "shared-library",
        OperatorKind.Python => "Python",
        OperatorKind.Wasm => "WebAssembly",
        _ => "C#",
    };
}
