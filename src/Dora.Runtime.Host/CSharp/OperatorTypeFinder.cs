// SPDX-License-Identifier: Apache-2.0

using System.Reflection;
using Dora.Operators;

namespace Dora.Runtime.Host.CSharp;

/// <summary>Finds the operator in an assembly: its only <see cref="IOperator"/>, or the one marked <see cref="OperatorAttribute"/>.</summary>
internal static class OperatorTypeFinder
{
    /// <summary>The class, or in <paramref name="problem"/> what is wrong and how to mend it.</summary>
    public static Type? Find(Assembly assembly, out string problem)
    {
        Type[] candidates;
        try
        {
            candidates = [.. assembly.GetTypes().Where(type => type is { IsClass: true, IsAbstract: false } && typeof(IOperator).IsAssignableFrom(type))];
        }
        catch (ReflectionTypeLoadException e)
        {
            problem = $"its types cannot be loaded: {e.LoaderExceptions.FirstOrDefault(inner => inner is not null)?.Message ?? e.Message}";
            return null;
        }

        var marked = candidates.Where(type => type.IsDefined(typeof(OperatorAttribute), inherit: false)).ToArray();
        var chosen = marked.Length > 0 ? marked : [.. candidates.Where(type => type.IsVisible)];
        problem = chosen switch
        {
            [] when candidates.Length > 0 => $"class {Names(candidates)} implements IOperator but is not public",
            [] => $"it contains no public class that implements IOperator{Hint(assembly)}",
            [var only] when only.ContainsGenericParameters => $"{only} is generic; the runtime cannot choose its type arguments",
            [var only] when only.GetConstructor(Type.EmptyTypes) is null && only.GetConstructor([typeof(OperatorState)]) is null =>
                $"{only} has no public constructor without parameters, nor one that takes its OperatorState",
            [_] => "",
            _ when marked.Length > 1 => $"{Names(marked)} are all marked [Operator]; mark one",
            _ => $"it contains several operators, {Names(chosen)}; mark one with [Operator]",
        };
        return problem.Length == 0 ? chosen[0] : null;
    }

    private static string Names(IEnumerable<Type> types) => string.Join(", ", types.Select(type => type.FullName).Order());

    // An assembly built against another copy of the contract, or none.
    private static string Hint(Assembly assembly)
    {
        var contract = typeof(IOperator).Assembly.GetName().Name;
        return assembly.GetReferencedAssemblies().Any(reference => reference.Name == contract) ? "" : $"; it does not even reference {contract}";
    }
}
