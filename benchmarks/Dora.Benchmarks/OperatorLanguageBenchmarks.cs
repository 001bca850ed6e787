// SPDX-License-Identifier: Apache-2.0

using System.Buffers;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using BenchmarkDotNet.Attributes;
using Dora.Operators;
using Dora.Protocol;
using Dora.Protocol.Messages;
using Dora.Runtime.Host;

namespace Dora.Benchmarks;

/// <summary>What an event costs operators in C#, C and WebAssembly on the runtime's thread, beside the runtime's own work.</summary>
/// <remarks>Needs gcc, clang and lld.</remarks>
[MemoryDiagnoser]
public class OperatorLanguageBenchmarks
{
    private readonly CopyingSender _output = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("dora-bench-").FullName;
    private IOperator _operator = null!;
    private Payload _silent = null!;
    private Payload _relayed = null!;

    [Params("C#", "C", "WebAssembly")]
    public string Language { get; set; } = "C#";

    [Params(8, 4096, 4 << 20)]
    public int Bytes { get; set; }

    [GlobalSetup]
    public void Start()
    {
        _operator = Language switch
        {
            "C" => Load("shared-library", "relay.so", "gcc", "-shared", "-fPIC", "-O2", Source("relay.c")),
            "WebAssembly" => Load("wasm", "relay.wasm", "clang", "--target=wasm32", "-O2", "-mbulk-memory", "-nostdlib", "-Wl,--no-entry", Source("relay_wasm.c")),
            _ => new Relay(),
        };
        _silent = new Payload(Bytes, 0);
        _relayed = new Payload(Bytes, 1);
        _output.Room = new byte[Bytes];
    }

    [GlobalCleanup]
    public void Stop()
    {
        (_operator as IDisposable)?.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    /// <summary>An event that the operator ignores.</summary>
    [Benchmark]
    public DoraStatus Receive() => _operator.OnEvent(new OperatorEvent("data", _silent), _output);

    /// <summary>An event that it sends on; the copy for its receivers counts.</summary>
    [Benchmark]
    public DoraStatus ReceiveAndSend() => _operator.OnEvent(new OperatorEvent("data", _relayed), _output);

    private IOperator Load(string kind, string file, string compiler, params string[] arguments)
    {
        var path = Path.Combine(_folder, file);
        var include = Path.Combine(Source(".."), "..", "..", "bindings", "c", "include");
        using var run = Process.Start(new ProcessStartInfo(compiler, [.. arguments, $"-I{include}", "-o", path]))!;
        run.WaitForExit();
        if (run.ExitCode != 0)
            throw new InvalidOperationException($"{compiler} ended with exit code {run.ExitCode}");
        return new OperatorLoaders().Load(new OperatorConfig { OperatorId = "relay", Kind = kind, Source = path, Outputs = { "data" } }).Create();
    }

    private static string Source(string name, [CallerFilePath] string path = "") => Path.Combine(Path.GetDirectoryName(path)!, "operators", name);

    private sealed class Relay : IOperator
    {
        public DoraStatus OnEvent(in OperatorEvent e, OutputSender output)
        {
            if (e.Kind == OperatorEventKind.Input && e.Data[0] != 0)
                output.Send("data", e.Data);
            return DoraStatus.Continue;
        }
    }

    /// <summary>One copy, as for siblings.</summary>
    private sealed class CopyingSender : OutputSender
    {
        public byte[] Room { get; set; } = [];

        public override void Send(string id, ReadOnlySpan<byte> data, MetadataParameters? parameters = null) => data.CopyTo(Room);

        public override void Send(string id, Apache.Arrow.IArrowArray array, MetadataParameters? parameters = null) => throw new NotSupportedException();

        public override void Send<TState>(string id, int length, TState state, SpanAction<byte, TState> write, MetadataParameters? parameters = null) =>
            throw new NotSupportedException();

        public override void Forward(string id, in OperatorEvent input, MetadataParameters? parameters = null) => throw new NotSupportedException();

        public override void Forward(string id, RetainedSample sample, MetadataParameters? parameters = null) => throw new NotSupportedException();
    }

    private sealed class Payload : OperatorSample
    {
        private readonly byte[] _data;

        public Payload(int bytes, byte first)
        {
            _data = new byte[bytes];
            _data[0] = first;
        }

        public override ReadOnlyMemory<byte> Data => _data;
        public override ulong TimestampNs => 1;
        public override MetadataParameters Parameters => MetadataParameters.Empty;

        public override void AddReference()
        {
        }

        public override void Release()
        {
        }
    }
}
