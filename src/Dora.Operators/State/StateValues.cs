// SPDX-License-Identifier: Apache-2.0

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Dora.Operators;

/// <summary>Reads once, then remembers: a failed event, which would have changed the state back, ends the instance anyway.</summary>
internal abstract class StateValue<T> : IState<T>
{
    private readonly OperatorState _state;
    private readonly string _key;
    private T _value;

    protected StateValue(OperatorState state, string key, T initial)
    {
        _state = state;
        _key = key;
        HasValue = state.TryGet(key, out var bytes);
        _value = HasValue ? Decode(key, bytes) : initial;
    }

    public bool HasValue { get; private set; }

    public T Value
    {
        get => _value;
        set
        {
            Save(_state, _key, value);
            (_value, HasValue) = (value, true);
        }
    }

    protected abstract void Save(OperatorState state, string key, T value);

    protected abstract T Decode(string key, ReadOnlyMemory<byte> bytes);
}

internal sealed class RawState<T>(OperatorState state, string key, T initial) : StateValue<T>(state, key, initial)
    where T : unmanaged
{
    protected override void Save(OperatorState state, string key, T value) =>
        state.Save(key, MemoryMarshal.AsBytes(MemoryMarshal.CreateReadOnlySpan(ref value, 1)));

    protected override T Decode(string key, ReadOnlyMemory<byte> bytes) => bytes.Length == Unsafe.SizeOf<T>()
        ? MemoryMarshal.Read<T>(bytes.Span)
        : throw new StateFormatException(key, $"it has {bytes.Length} bytes, but {typeof(T).Name} has {Unsafe.SizeOf<T>()}");
}

internal sealed class TextState(OperatorState state, string key, string initial) : StateValue<string>(state, key, initial)
{
    protected override void Save(OperatorState state, string key, string value) => state.Save(key, Encoding.UTF8.GetBytes(value));

    protected override string Decode(string key, ReadOnlyMemory<byte> bytes) => Encoding.UTF8.GetString(bytes.Span);
}

internal sealed class JsonState<T> : IState<T>
{
    private readonly OperatorState _state;
    private readonly string _key;
    private readonly JsonTypeInfo<T> _type;
    private T _value;

    public JsonState(OperatorState state, string key, JsonTypeInfo<T> type, T initial)
    {
        (_state, _key, _type) = (state, key, type);
        HasValue = state.TryGet(key, out var bytes);
        try
        {
            _value = HasValue ? JsonSerializer.Deserialize(bytes.Span, type)! : initial;
        }
        catch (JsonException e)
        {
            throw new StateFormatException(key, e.Message, e);
        }
    }

    public bool HasValue { get; private set; }

    public T Value
    {
        get => _value;
        set
        {
            _state.Save(_key, JsonSerializer.SerializeToUtf8Bytes(value, _type));
            (_value, HasValue) = (value, true);
        }
    }
}
