// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using Dora.Operators;
using Dora.Protocol.Messages;

namespace Dora.Runtime.Host.Native;

/// <summary>Makes instances of an operator in a shared library with the functions of <c>dora/operator_api.h</c>.</summary>
/// <remarks>The library stays loaded as long as the process lives: threads that it started may still run in it.</remarks>
internal sealed unsafe class NativeOperatorFactory : IOperatorFactory
{
    private readonly string _operatorId;
    private string _path;
    private NativeFunctions _functions;

    private NativeOperatorFactory(string operatorId, string path)
    {
        _operatorId = operatorId;
        _path = path;
        _functions = LoadFunctions(path);
    }

    /// <summary>Loads the library of an operator; its <c>source</c> is the path of the file.</summary>
    /// <exception cref="OperatorLoadException">It is not there or is no operator; the message says what to do.</exception>
    public static NativeOperatorFactory Load(OperatorConfig config) => new(config.OperatorId, config.Source);

    public IOperator Create() => Make(null);

    public IOperator Create(Operators.OperatorState state) => Make(state);

    private NativeOperator Make(Operators.OperatorState? state)
    {
        var result = _functions.Init();
        NativeError.ThrowIfSet(result.Result, "dora_init_operator");
        return new NativeOperator(_operatorId, _functions, result.Context, state);
    }

    /// <summary>Loads the file as it is now, under another name: the loader would give back the old one for the same file.</summary>
    public void Reload(string? source = null)
    {
        var path = source ?? _path;
        var copy = Path.Combine(Path.GetTempPath(), $"dora-{Guid.NewGuid():N}-{Path.GetFileName(path)}");
        try
        {
            File.Copy(path, copy);
            _functions = LoadFunctions(copy); // throws with the old one still in place
            _path = path;
        }
        catch (IOException e)
        {
            throw Failed($"'{path}' cannot be loaded again: {e.Message}", e);
        }
        finally
        {
            File.Delete(copy); // the mapping stays
        }
    }

    private NativeFunctions LoadFunctions(string path)
    {
        if (!File.Exists(path))
            throw Failed($"there is no file '{_path}'; build the operator first, or correct its path");
        nint library;
        try
        {
            library = NativeLibrary.Load(path);
        }
        catch (Exception e) when (e is DllNotFoundException or BadImageFormatException)
        {
            throw Failed($"'{_path}' cannot be loaded: {e.Message}", e);
        }

        return new NativeFunctions(
            (delegate* unmanaged[Cdecl]<NativeInitResult>)Function(library, "dora_init_operator"),
            (delegate* unmanaged[Cdecl]<void*, NativeResult>)Function(library, "dora_drop_operator"),
            (delegate* unmanaged[Cdecl]<NativeEvent*, NativeSender*, void*, NativeEventResult>)Function(library, "dora_on_event"),
            (delegate* unmanaged[Cdecl]<void*, NativeStateEntry*, nuint, NativeRestoreInfo*, NativeResult>)(
                NativeLibrary.TryGetExport(library, "dora_restore_state", out var restore) ? restore : 0));
    }

    private nint Function(nint library, string name) => NativeLibrary.TryGetExport(library, name, out var address)
        ? address
        : throw Failed($"'{_path}' does not export '{name}'; an operator exports dora_init_operator, dora_on_event and dora_drop_operator");

    private OperatorLoadException Failed(string message, Exception? inner = null) => new(_operatorId, message, inner);
}

/// <summary>The functions of one operator library.</summary>
internal readonly unsafe struct NativeFunctions(
    delegate* unmanaged[Cdecl]<NativeInitResult> init,
    delegate* unmanaged[Cdecl]<void*, NativeResult> drop,
    delegate* unmanaged[Cdecl]<NativeEvent*, NativeSender*, void*, NativeEventResult> onEvent,
    delegate* unmanaged[Cdecl]<void*, NativeStateEntry*, nuint, NativeRestoreInfo*, NativeResult> restore)
{
    public NativeInitResult Init() => init();

    /// <summary>Whether the library exports <c>dora_restore_state</c>.</summary>
    public bool KnowsState => restore != null;

    public NativeResult Restore(void* context, NativeStateEntry* entries, nuint count, NativeRestoreInfo* info) => restore(context, entries, count, info);

    public NativeResult Drop(void* context) => drop(context);

    public NativeEventResult OnEvent(NativeEvent* e, NativeSender* sender, void* context) => onEvent(e, sender, context);
}
