// SPDX-License-Identifier: Apache-2.0

using System.Reflection;
using Dora.Operators;
using Dora.Protocol.Messages;

namespace Dora.Runtime.Host.CSharp;

/// <summary>Makes instances of an operator written in C#, and loads it anew when its assembly changed.</summary>
/// <remarks>
/// Unloading is best effort: code that an operator leaves referenced from outside its context (a static event, reflection caches of
/// serialisers) keeps the old program in memory. <see cref="ProgramsAlive"/> counts those.
/// </remarks>
internal sealed class CSharpOperatorFactory : IOperatorFactory
{
    private readonly string _operatorId;
    private string _path;
    private readonly List<WeakReference> _dropped = []; // contexts that were unloaded
    private OperatorProgram _program;
    private Type _type;

    private CSharpOperatorFactory(string operatorId, string path)
    {
        _operatorId = operatorId;
        _path = path;
        (_program, _type) = LoadProgram(path);
    }

    /// <summary>Programs in memory: 1, plus those that could not be unloaded. Collects garbage to find out.</summary>
    public int ProgramsAlive
    {
        get
        {
            for (var i = 0; i < 10 && _dropped.Exists(context => context.IsAlive); i++)
            {
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }

            return 1 + _dropped.Count(context => context.IsAlive);
        }
    }

    /// <summary>Loads the program of an operator; its <c>source</c> is the path of an assembly.</summary>
    /// <exception cref="OperatorLoadException">It is not there or is no operator; the message says what to do.</exception>
    public static CSharpOperatorFactory Load(OperatorConfig config) => new(config.OperatorId, config.Source);

    public IOperator Create() => _type.GetConstructor(Type.EmptyTypes) is not null
        ? Create([])
        : throw new OperatorLoadException(_operatorId, $"{_type} takes an OperatorState, but the descriptor gives the operator none; add 'state: {{}}' to it");

    public IOperator Create(Operators.OperatorState state) => Create(_type.GetConstructor([typeof(Operators.OperatorState)]) is null ? [] : [state]);

    public void Reload(string? source = null)
    {
        var path = source ?? _path;
        var (program, type) = LoadProgram(path); // throws with the old one still in place
        _path = path;
        var old = _program;
        (_program, _type) = (program, type);
        _dropped.Add(new WeakReference(old.Context));
        old.Release();
    }

    private IOperator Create(object[] arguments) =>
        (IOperator)Activator.CreateInstance(_type, BindingFlags.Instance | BindingFlags.Public | BindingFlags.DoNotWrapExceptions, null, arguments, null)!;

    private (OperatorProgram Program, Type Type) LoadProgram(string path)
    {
        if (!path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase))
        {
            throw Failed($"'{path}' is not an assembly; 'dora run' and 'dora build' make one from a .cs file or a project");
        }

        if (!File.Exists(path))
        {
            throw Failed($"there is no file '{path}'; build the operator first, or correct its path");
        }

        OperatorProgram? program = null;
        try
        {
            program = OperatorProgram.Take(Path.GetFullPath(path));
            if (OperatorTypeFinder.Find(program.Assembly, out var problem) is { } type)
            {
                return (program, type);
            }

            throw Failed($"'{path}' cannot be used: {problem}");
        }
        catch (OperatorLoadException)
        {
            program?.Release();
            throw;
        }
        catch (Exception e)
        {
            program?.Release();
            throw Failed($"'{path}' cannot be loaded: {e.Message}", e);
        }
    }

    private OperatorLoadException Failed(string message, Exception? inner = null) => new(_operatorId, message, inner);
}
