// SPDX-License-Identifier: Apache-2.0

using System.Reflection;
using System.Runtime.Loader;
using Dora.Operators;
using Dora.Protocol;

namespace Dora.Runtime.Host.CSharp;

/// <summary>The assemblies of one operator, apart from those of all others, to be dropped together.</summary>
/// <remarks>
/// <para>The contract (<c>Dora.Operators</c>, <c>Dora.Protocol</c>) comes from the host, whatever copy lies beside the operator: otherwise
/// its <see cref="IOperator"/> would be another type than ours. So does Apache.Arrow, which is part of that contract.</para>
/// <para>Assemblies are read, not mapped, so that a build can replace the files while the operator runs.</para>
/// </remarks>
internal sealed class OperatorLoadContext : AssemblyLoadContext
{
    private static readonly HashSet<string> Shared =
    [
        typeof(IOperator).Assembly.GetName().Name!,
        typeof(MetadataParameters).Assembly.GetName().Name!,
        typeof(Apache.Arrow.IArrowArray).Assembly.GetName().Name!,
        "Apache.Arrow.Scalars", // what Apache.Arrow's own types are made of
    ];

    private readonly string _path;
    private readonly AssemblyDependencyResolver _resolver;

    /// <param name="path">The operator's assembly, absolute; dependencies are looked up by its <c>.deps.json</c>.</param>
    /// <exception cref="InvalidOperationException">The <c>.deps.json</c> cannot be read.</exception>
    public OperatorLoadContext(string path)
        : base(Path.GetFileNameWithoutExtension(path), isCollectible: true)
    {
        _path = path;
        _resolver = new AssemblyDependencyResolver(path);
    }

    /// <summary>The operator's own assembly.</summary>
    public Assembly LoadOperator() => LoadFile(_path);

    protected override Assembly? Load(AssemblyName assemblyName)
    {
        if (Shared.Contains(assemblyName.Name!))
        {
            return null; // the default context has it
        }

        return _resolver.ResolveAssemblyToPath(assemblyName) is { } path ? LoadFile(path) : null;
    }

    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        _resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } path ? LoadUnmanagedDllFromPath(path) : 0;

    private Assembly LoadFile(string path)
    {
        using var code = new MemoryStream(File.ReadAllBytes(path));
        var symbolPath = Path.ChangeExtension(path, ".pdb");
        if (!File.Exists(symbolPath))
        {
            return LoadFromStream(code);
        }

        using var symbols = new MemoryStream(File.ReadAllBytes(symbolPath)); // for line numbers in stack traces
        return LoadFromStream(code, symbols);
    }
}
