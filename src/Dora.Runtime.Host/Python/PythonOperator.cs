// SPDX-License-Identifier: Apache-2.0

using Dora.Operators;

namespace Dora.Runtime.Host.Python;

/// <summary>An operator in Python raised an exception, or answered with something that is no status.</summary>
/// <param name="summary">One line: where, and what.</param>
/// <param name="traceback">Python's; our own stack says nothing about it.</param>
internal sealed class PythonOperatorException(string summary, string traceback) : ForeignOperatorException(summary)
{
    /// <summary>The line, and Python's traceback below it.</summary>
    public override string ToString() => traceback.Length == 0 ? Message : $"{Message}\n{traceback}";
}

/// <summary>One instance of a class <c>Operator</c>.</summary>
/// <remarks>
/// <para>Ownership: data is lent for the call and lies where its sender wrote it; see <see cref="PythonPayload"/> for what is kept.</para>
/// <para>Threading: the runtime's thread. It takes the interpreter's lock for each event, so that threads of Python run between them.</para>
/// </remarks>
internal sealed unsafe class PythonOperator : IStatefulOperator, IDisposable
{
    private readonly nint _onInput; // bound methods of the Instance in lib/_dora_operators.py; owned
    private readonly nint _onOther;
    private readonly nint _restore;
    private readonly nint _drop;
    private readonly OperatorState? _state; // null: it keeps none
    private readonly Dictionary<string, nint> _ids = []; // Python's texts of input ids, made at the first message of each; owned
    private bool _isDisposed;

    /// <param name="instance">Borrowed. The caller has the interpreter's lock.</param>
    /// <param name="state">The operator's; null: it keeps none.</param>
    public PythonOperator(nint instance, OperatorState? state)
    {
        _state = state;
        _restore = PythonRuntime.Attribute(instance, "restore");
        _onInput = PythonRuntime.Attribute(instance, "on_input");
        _onOther = PythonRuntime.Attribute(instance, "on_other");
        _drop = PythonRuntime.Attribute(instance, "drop");
    }

    public DoraStatus OnEvent(in OperatorEvent e, OutputSender output)
    {
        using var gil = PythonRuntime.TakeLock();
        var outer = PythonSending.Begin(output);
        PythonState.Use(_state);
        try
        {
            return e.Kind == OperatorEventKind.Input ? OnInput(e) : OnOther(e);
        }
        finally
        {
            PythonState.Use(null);
            PythonSending.End(outer);
        }
    }

    public void RestoreState(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> state, RestoreInfo info)
    {
        using var gil = PythonRuntime.TakeLock();
        var arguments = stackalloc nint[5];
        arguments[0] = PythonState.ToDictionary(state);
        arguments[1] = PythonRuntime.Text(info.Reason.ToString());
        arguments[2] = PythonApi.FromLong(info.Incarnation);
        arguments[3] = PythonApi.FromLong(info.Version);
        arguments[4] = PythonRuntime.Text(string.Join('\n', info.DamagedKeys));
        var result = PythonApi.Vectorcall(_restore, arguments, 5, 0);
        for (var i = 0; i < 5; i++)
            PythonApi.DecRef(arguments[i]);
        _ = StatusOf(result);
    }

    public void Dispose()
    {
        if (_isDisposed)
            return;
        _isDisposed = true;
        using var gil = PythonRuntime.TakeLock();
        PythonApi.DecRef(PythonRuntime.Call(_drop, []));
        PythonApi.DecRef(_onInput);
        PythonApi.DecRef(_onOther);
        PythonApi.DecRef(_restore);
        PythonApi.DecRef(_drop);
        foreach (var id in _ids.Values)
            PythonApi.DecRef(id);
    }

    private DoraStatus OnInput(in OperatorEvent e)
    {
        fixed (byte* data = e.Data)
        {
            var arrowMetadata = e.Sample?.ArrowMetadata ?? default;
            var payload = PythonPayload.Lend(data, e.Data.Length, arrowMetadata);
            if (payload == 0)
                throw PythonRuntime.TakeError("the event cannot be given to Python");
            try
            {
                var arguments = stackalloc nint[4];
                arguments[0] = IdOf(e.Id);
                arguments[1] = payload;
                arguments[2] = PythonMetadata.ToDictionary(e.Parameters, e.TimestampNs);
                arguments[3] = PythonApi.FromBool(arrowMetadata.IsEmpty ? 0 : 1);
                var result = PythonApi.Vectorcall(_onInput, arguments, 4, 0);
                PythonApi.DecRef(arguments[2]);
                PythonApi.DecRef(arguments[3]);
                return StatusOf(result);
            }
            finally
            {
                PythonPayload.EndLoan(payload, e);
            }
        }
    }

    private DoraStatus OnOther(in OperatorEvent e)
    {
        var (kind, subject) = e.Kind switch
        {
            OperatorEventKind.InputClosed => ("INPUT_CLOSED", e.Id),
            OperatorEventKind.InputRecovered => ("INPUT_RECOVERED", e.Id),
            OperatorEventKind.NodeRestarted => ("NODE_RESTARTED", e.Id),
            OperatorEventKind.NodeFailed => ("NODE_FAILED", e.Id),
            OperatorEventKind.DeadlineMissed => ("DEADLINE_MISSED", e.Id),
            _ => ("STOP", e.Reason.Contains("inputs", StringComparison.Ordinal) ? "ALL_INPUTS_CLOSED" : "MANUAL"), // dora's ids
        };
        return StatusOf(PythonRuntime.Call(_onOther, kind, subject, e.Kind == OperatorEventKind.Stop ? "" : e.Reason));
    }

    /// <summary>Takes the answer of an Instance's method over: a number, or a text that explains what went wrong.</summary>
    private static DoraStatus StatusOf(nint result)
    {
        if (result == 0)
            throw PythonRuntime.TakeError("the operator could not be called");
        var status = PythonApi.AsLong(result);
        if (status >= 0)
        {
            PythonApi.DecRef(result);
            return (DoraStatus)status;
        }

        PythonApi.ClearError(); // a text is no number
        throw PythonRuntime.TakeExplanation(result);
    }

    private nint IdOf(string id)
    {
        if (!_ids.TryGetValue(id, out var text))
        {
            text = PythonRuntime.Text(id);
            _ids.Add(id, text);
        }

        return text;
    }
}
