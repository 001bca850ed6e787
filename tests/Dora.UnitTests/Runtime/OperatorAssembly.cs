// SPDX-License-Identifier: Apache-2.0

using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.InteropServices;
using Dora.Operators;

namespace Dora.UnitTests.Runtime;

/// <summary>Writes small assemblies with operators, right and wrong ones, to files.</summary>
internal sealed class OperatorAssembly
{
    private readonly PersistedAssemblyBuilder _assembly;
    private readonly ModuleBuilder _module;

    public OperatorAssembly(string name)
    {
        _assembly = new PersistedAssemblyBuilder(new AssemblyName(name), typeof(object).Assembly);
        _module = _assembly.DefineDynamicModule(name);
    }

    /// <summary>Adds a class that answers every event with <paramref name="status"/>.</summary>
    public OperatorAssembly Add(
        string name, DoraStatus status = DoraStatus.Continue, bool isPublic = true, bool isMarked = false, bool isOperator = true,
        bool takesArgument = false, string? constructorThrows = null)
    {
        var type = _module.DefineType(name, isPublic ? TypeAttributes.Public : TypeAttributes.NotPublic);
        var constructor = type.DefineConstructor(MethodAttributes.Public, CallingConventions.Standard, takesArgument ? [typeof(int)] : []).GetILGenerator();
        constructor.Emit(OpCodes.Ldarg_0);
        constructor.Emit(OpCodes.Call, typeof(object).GetConstructor([])!);
        if (constructorThrows is not null)
        {
            constructor.Emit(OpCodes.Ldstr, constructorThrows);
            constructor.Emit(OpCodes.Newobj, typeof(InvalidOperationException).GetConstructor([typeof(string)])!);
            constructor.Emit(OpCodes.Throw);
        }

        constructor.Emit(OpCodes.Ret);
        if (isOperator)
        {
            Implement(type, status);
        }

        if (isMarked)
        {
            type.SetCustomAttribute(new CustomAttributeBuilder(typeof(OperatorAttribute).GetConstructor([])!, []));
        }

        type.CreateType();
        return this;
    }

    /// <summary>Writes the file and returns its path.</summary>
    public string Save(string directory)
    {
        var path = Path.Combine(directory, $"{_assembly.GetName().Name}.dll");
        _assembly.Save(path);
        return path;
    }

    private static void Implement(TypeBuilder type, DoraStatus status)
    {
        type.AddInterfaceImplementation(typeof(IOperator));
        var declaration = typeof(IOperator).GetMethod(nameof(IOperator.OnEvent))!;
        var method = type.DefineMethod(
            declaration.Name,
            MethodAttributes.Public | MethodAttributes.Virtual | MethodAttributes.Final | MethodAttributes.NewSlot | MethodAttributes.HideBySig,
            CallingConventions.HasThis,
            declaration.ReturnType,
            null,
            null,
            [.. declaration.GetParameters().Select(p => p.ParameterType)],
            [[typeof(InAttribute)], []], // what 'in' is on an interface
            null);
        var body = method.GetILGenerator();
        body.Emit(OpCodes.Ldc_I4, (int)status);
        body.Emit(OpCodes.Ret);
        type.DefineMethodOverride(method, declaration);
    }
}
