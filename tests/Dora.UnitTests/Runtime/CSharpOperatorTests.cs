// SPDX-License-Identifier: Apache-2.0

using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.Loader;
using Dora.Operators;
using Dora.Protocol.Messages;
using Dora.Runtime;
using Dora.Runtime.Host;
using Dora.Runtime.Host.CSharp;

namespace Dora.UnitTests.Runtime;

public sealed class CSharpOperatorTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("dora-operators-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void The_only_public_operator_of_an_assembly_is_loaded_in_a_context_of_its_own()
    {
        var factory = Load(new OperatorAssembly("only").Add("Counter", DoraStatus.StopAll).Add("Hidden", isPublic: false).Add("Helper", isOperator: false));
        var instance = factory.Create();
        Assert.Equal("Counter", instance.GetType().Name);
        Assert.NotSame(instance, factory.Create());
        Assert.Equal(DoraStatus.StopAll, instance.OnEvent(OperatorEvent.ForInput("in", [1]), new NoOutput()));
        var context = AssemblyLoadContext.GetLoadContext(instance.GetType().Assembly)!;
        Assert.True(context.IsCollectible);
        Assert.NotSame(AssemblyLoadContext.Default, context);
    }

    [Fact]
    public void Of_several_operators_the_marked_one_is_taken() =>
        Assert.Equal("Second", Load(new OperatorAssembly("marked").Add("First").Add("Second", isMarked: true)).Create().GetType().Name);

    [Fact]
    public void What_is_wrong_with_an_assembly_is_said_in_one_sentence()
    {
        Assert.EndsWith(
            "cannot be used: it contains no public class that implements IOperator; it does not even reference Dora.Operators",
            Refused(new OperatorAssembly("none").Add("Helper", isOperator: false)),
            StringComparison.Ordinal);
        Assert.EndsWith(
            "cannot be used: it contains several operators, A, B; mark one with [Operator]",
            Refused(new OperatorAssembly("several").Add("A").Add("B")),
            StringComparison.Ordinal);
        Assert.EndsWith(
            "cannot be used: A, B are all marked [Operator]; mark one",
            Refused(new OperatorAssembly("marks").Add("A", isMarked: true).Add("B", isMarked: true)),
            StringComparison.Ordinal);
        Assert.EndsWith(
            "cannot be used: class A implements IOperator but is not public",
            Refused(new OperatorAssembly("hidden").Add("A", isPublic: false)),
            StringComparison.Ordinal);
        Assert.EndsWith(
            "cannot be used: A has no public constructor without parameters, nor one that takes its OperatorState",
            Refused(new OperatorAssembly("argument").Add("A", takesArgument: true)),
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_wrong_path_a_wrong_file_and_another_language_are_refused_with_the_way_out()
    {
        var missing = Path.Combine(_directory, "missing.dll");
        Assert.Equal($"operator 'op': there is no file '{missing}'; build the operator first, or correct its path", Refused(missing));
        Assert.Contains("is not an assembly; 'dora run' and 'dora build' make one", Refused("op.cs"), StringComparison.Ordinal);
        var text = Path.Combine(_directory, "text.dll");
        File.WriteAllText(text, "not code");
        Assert.StartsWith($"operator 'op': '{text}' cannot be loaded: ", Refused(text), StringComparison.Ordinal);
        Assert.Equal(
            "operator 'op': this runtime does not know operators of kind 'basic'; is dora-runtime of the same version as dora?",
            Assert.Throws<OperatorLoadException>(() => new OperatorLoaders().Load(new OperatorConfig { OperatorId = "op", Kind = "basic" })).Message);
    }

    [Fact]
    public void Operators_that_want_different_values_of_one_environment_variable_are_refused()
    {
        var name = $"DORA_TEST_{Guid.NewGuid():N}";
        var path = new OperatorAssembly("environment").Add("A").Save(_directory);
        var loaders = new OperatorLoaders();
        try
        {
            loaders.Load(Wanting("first", "1"));
            loaders.Load(Wanting("second", "1"));

            var e = Assert.Throws<OperatorLoadException>(() => loaders.Load(Wanting("third", "2")));

            Assert.Contains($"sets {name} to '2', but operator 'first' of the same runtime sets it to '1'", e.Message, StringComparison.Ordinal);
            Assert.Equal("1", Environment.GetEnvironmentVariable(name));
        }
        finally
        {
            Environment.SetEnvironmentVariable(name, null);
        }

        OperatorConfig Wanting(string id, string value) => new() { OperatorId = id, Kind = "csharp", Source = path, Env = { [name] = value } };
    }

    [Fact]
    public void What_a_constructor_throws_comes_through_as_it_is()
    {
        var factory = Load(new OperatorAssembly("throws").Add("A", constructorThrows: "no camera"));
        Assert.Equal("no camera", Assert.Throws<InvalidOperationException>(factory.Create).Message);
    }

    [Fact]
    public void A_replaced_program_is_used_after_a_reload_and_the_old_one_leaves_memory()
    {
        var path = new OperatorAssembly("changing").Add("A", DoraStatus.Continue).Save(_directory);
        var factory = CSharpOperatorFactory.Load(new OperatorConfig { OperatorId = "op", Kind = "csharp", Source = path });
        for (var round = 0; round < 20; round++)
        {
            var expected = (DoraStatus)(round % 3);
            new OperatorAssembly("changing").Add("A", expected).Save(_directory); // the file is not locked
            factory.Reload();
            Assert.Equal(expected, Ask(factory));
        }

        Assert.Equal(1, factory.ProgramsAlive);
    }

    [Fact]
    public void A_broken_replacement_leaves_the_old_program_in_use()
    {
        var path = new OperatorAssembly("breaking").Add("A", DoraStatus.Stop).Save(_directory);
        var factory = CSharpOperatorFactory.Load(new OperatorConfig { OperatorId = "op", Kind = "csharp", Source = path });
        File.WriteAllText(path, "half a file");
        Assert.Throws<OperatorLoadException>(() => factory.Reload());
        Assert.Equal(DoraStatus.Stop, Ask(factory));
        Assert.Equal(1, factory.ProgramsAlive);
    }

    [MethodImpl(MethodImplOptions.NoInlining)] // no reference to the instance may stay on the test's stack
    private static DoraStatus Ask(CSharpOperatorFactory factory) =>
        factory.Create().OnEvent(OperatorEvent.ForControl(OperatorEventKind.Stop), new NoOutput());

    private CSharpOperatorFactory Load(OperatorAssembly assembly) =>
        CSharpOperatorFactory.Load(new OperatorConfig { OperatorId = "op", Kind = "csharp", Source = assembly.Save(_directory) });

    private string Refused(OperatorAssembly assembly) => Assert.Throws<OperatorLoadException>(() => Load(assembly)).Message;

    private static string Refused(string path) => Assert.Throws<OperatorLoadException>(
        () => CSharpOperatorFactory.Load(new OperatorConfig { OperatorId = "op", Kind = "csharp", Source = path })).Message;

    private sealed class NoOutput : OutputSender
    {
        public override void Send(string id, Apache.Arrow.IArrowArray array, Dora.Protocol.MetadataParameters? parameters = null) => throw new NotSupportedException();

        public override void Send(string id, ReadOnlySpan<byte> data, Dora.Protocol.MetadataParameters? parameters = null)
        {
        }

        public override void Send<TState>(
            string id, int length, TState state, System.Buffers.SpanAction<byte, TState> write, Dora.Protocol.MetadataParameters? parameters = null)
        {
        }

        public override void Forward(string id, in OperatorEvent input, Dora.Protocol.MetadataParameters? parameters = null)
        {
        }

        public override void Forward(string id, RetainedSample sample, Dora.Protocol.MetadataParameters? parameters = null)
        {
        }
    }
}
