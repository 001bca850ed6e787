// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using Wasmtime;

namespace Dora.Runtime.Host.Wasm;

/// <summary>Compiles modules. Two for the process at most: counting instructions costs, so only those modules pay that have such a limit.</summary>
/// <remarks>Made at the first operator in WebAssembly, not before: until then libwasmtime is not loaded. Lives as long as the process.</remarks>
[SuppressMessage("Design", "CA1001", Justification = "Lives as long as the process.")]
internal sealed class WasmEngine
{
    private static readonly Lazy<WasmEngine> s_plain = new(() => new WasmEngine(countsFuel: false));
    private static readonly Lazy<WasmEngine> s_fuelled = new(() => new WasmEngine(countsFuel: true));

    private readonly Engine _engine;
    private readonly Dictionary<string, WeakReference<Module>> _modules = []; // by hash; operators of one module share its code

    private WasmEngine(bool countsFuel)
    {
        // Off: what could get around the limits of a store (shared memory, the collector's heap), and what nobody's compiler makes.
        using var config = new Config()
            .WithEpochInterruption(true)
            .WithFuelConsumption(countsFuel)
            .WithWasmThreads(false)
            .WithMemory64(false)
            .WithMultiMemory(false)
            .WithMaximumStackSize(512 * 1024);
        _engine = new Engine(config);
        Ticker = new EpochTicker(_engine);
        Linker = WasmImports.Define(new Linker(_engine));
    }

    /// <summary>Interrupts what does not return.</summary>
    public EpochTicker Ticker { get; }

    /// <summary>With everything that a module may import.</summary>
    public Linker Linker { get; }

    /// <summary>The one that counts instructions, or the one that does not.</summary>
    public static WasmEngine For(bool countsFuel) => (countsFuel ? s_fuelled : s_plain).Value;

    public Store NewStore() => new(_engine);

    /// <summary>Compiles a module, unless one with the same bytes is in use already.</summary>
    /// <param name="name">For messages.</param>
    /// <param name="code">WebAssembly, or its text format.</param>
    /// <exception cref="WasmtimeException">It is no valid module.</exception>
    public Module Compile(string name, byte[] code)
    {
        var hash = Convert.ToHexString(SHA256.HashData(code));
        lock (_modules)
        {
            if (_modules.TryGetValue(hash, out var known) && known.TryGetTarget(out var module))
                return module;
            module = code.AsSpan().StartsWith("\0asm"u8)
                ? Module.FromBytes(_engine, name, code)
                : Module.FromText(_engine, name, System.Text.Encoding.UTF8.GetString(code));
            _modules[hash] = new WeakReference<Module>(module);
            return module;
        }
    }
}
