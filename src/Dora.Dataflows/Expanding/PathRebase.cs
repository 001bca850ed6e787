// SPDX-License-Identifier: Apache-2.0

using Dora.Dataflows.Yaml;

namespace Dora.Dataflows.Expanding;

/// <summary>Paths that were written in a module's file start there; in the expanded file they must start at that file.</summary>
internal sealed class PathRebase(string baseDirectory)
{
    private static readonly string[] ProgramKeys = ["path", "source", "run"];
    private static readonly string[] FileKeys = ["csharp", "shared-library", "shared_library", "python", "wasm"];
    private static readonly string[] FolderKeys = ["working_directory", "working-directory", "working_dir"];

    public YamlMapping Node(YamlMapping node)
    {
        node = Keys(node, ProgramKeys, FolderKeys);
        if (node.Value("custom") is YamlMapping custom) node = node.With("custom", Keys(custom, ProgramKeys, FolderKeys));
        foreach (string deploy in new[] { "deploy", "_unstable_deploy" })
        {
            if (node.Value(deploy) is YamlMapping placement) node = node.With(deploy, Keys(placement, FolderKeys));
        }

        if (node.Value("operator") is YamlMapping single) node = node.With("operator", Operator(single));
        if (node.Value("operators") is YamlSequence list)
            node = node.With("operators", new YamlSequence(list.Span, [.. list.Items.Select(o => o is YamlMapping op ? Operator(op) : o)]));
        return node;
    }

    private YamlMapping Operator(YamlMapping op)
    {
        op = Keys(op, FileKeys);
        foreach (string key in new[] { "python", "wasm" })
        {
            if (op.Value(key) is YamlMapping file) op = op.With(key, Keys(file, ["source"]));
        }

        return op;
    }

    private YamlMapping Keys(YamlMapping mapping, params string[][] keys)
    {
        foreach (string key in keys.SelectMany(k => k))
        {
            if (mapping.Value(key) is YamlScalar { Kind: ScalarKind.Text } path && path.Span.Source.Directory != baseDirectory)
                mapping = mapping.With(key, Rebase(path, isProgram: ProgramKeys.Contains(key)));
        }

        return mapping;
    }

    private YamlScalar Rebase(YamlScalar path, bool isProgram)
    {
        // 'run' holds arguments too; a bare name may be a command rather than a file.
        int end = isProgram && path.Text.IndexOf(' ', StringComparison.Ordinal) is > 0 and int space ? space : path.Text.Length;
        string file = path.Text[..end];
        string full = Path.GetFullPath(file, path.Span.Source.Directory);
        bool isBareName = !file.Contains('/', StringComparison.Ordinal) && Path.GetExtension(file).Length == 0 && !File.Exists(full);
        bool isCommand = isProgram && (isBareName || file is "dynamic" or "shell");
        if (isCommand || file.Contains("://", StringComparison.Ordinal) || Path.IsPathRooted(file)) return path;
        return new YamlScalar(path.Span, Path.GetRelativePath(baseDirectory, full) + path.Text[end..], path.IsPlain);
    }
}
