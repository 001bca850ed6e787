// SPDX-License-Identifier: Apache-2.0

using Dora.Operators;
using Dora.Protocol.Messages;

namespace Dora.Runtime.Host.Python;

/// <summary>Makes instances of the class <c>Operator</c> of a Python file.</summary>
/// <remarks>All factories share one interpreter, see <see cref="PythonRuntime"/>.</remarks>
internal sealed class PythonOperatorFactory : IOperatorFactory
{
    private readonly string _operatorId;
    private readonly nint _load;   // bound methods of a Program in lib/_dora_operators.py; for the life of the process
    private readonly nint _create;

    private PythonOperatorFactory(string operatorId, string path)
    {
        _operatorId = operatorId;
        PythonRuntime.Start();
        using var gil = PythonRuntime.TakeLock();
        var program = PythonRuntime.NewProgram(operatorId, path);
        _load = PythonRuntime.Attribute(program, "load");
        _create = PythonRuntime.Attribute(program, "create");
        PythonRuntime.Release(program);
    }

    /// <summary>Loads the file of an operator; its <c>source</c> is the path.</summary>
    /// <exception cref="OperatorLoadException">There is no Python, or the file is not there, has an error or no operator; the message says what to do.</exception>
    public static PythonOperatorFactory Load(OperatorConfig config)
    {
        var path = Path.GetFullPath(config.Source);
        if (!File.Exists(path))
            throw new OperatorLoadException(config.OperatorId, $"there is no file '{path}'; correct its path");
        try
        {
            var factory = new PythonOperatorFactory(config.OperatorId, path);
            factory.Reload();
            return factory;
        }
        catch (Exception e) when (e is PythonMissingException or PythonOperatorException)
        {
            throw new OperatorLoadException(config.OperatorId, e is PythonOperatorException ? e.ToString() : e.Message);
        }
    }

    public IOperator Create() => Make(null);

    public IOperator Create(Operators.OperatorState state) => Make(state);

    private PythonOperator Make(Operators.OperatorState? state)
    {
        using var gil = PythonRuntime.TakeLock();
        var instance = PythonRuntime.Call(_create);
        if (instance == 0)
            throw PythonRuntime.TakeError("the operator cannot be made");
        if (PythonRuntime.IsText(instance))
            throw PythonRuntime.TakeExplanation(instance);
        var created = new PythonOperator(instance, state);
        PythonRuntime.Release(instance);
        return created;
    }

    /// <summary>Runs the file as it is now. Other modules that it imports stay as they are.</summary>
    public void Reload(string? source = null)
    {
        using var gil = PythonRuntime.TakeLock();
        var problem = PythonRuntime.Call(_load);
        if (problem == 0)
            throw PythonRuntime.TakeError("the operator cannot be loaded");
        if (PythonRuntime.IsText(problem))
        {
            var e = PythonRuntime.TakeExplanation(problem);
            throw new OperatorLoadException(_operatorId, e.ToString());
        }
    }
}
