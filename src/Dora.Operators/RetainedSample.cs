// SPDX-License-Identifier: Apache-2.0

using Apache.Arrow;
using Dora.Protocol;

namespace Dora.Operators;

/// <summary>The data of an input, kept beyond the event that brought it.</summary>
/// <remarks>
/// Ownership: the operator's, until <see cref="Dispose"/>. Meanwhile the sender cannot use that memory again: an operator that keeps
/// many samples makes their senders run out of memory. Threads: any, one at a time.
/// </remarks>
public sealed class RetainedSample : IDisposable
{
    private OperatorSample? _sample;

    internal RetainedSample(OperatorSample sample)
    {
        sample.AddReference();
        _sample = sample;
    }

    /// <summary>The payload.</summary>
    /// <exception cref="ObjectDisposedException">The sample was given back; so for all properties.</exception>
    public ReadOnlyMemory<byte> Data => Sample.Data;

    /// <summary>When it was sent, nanoseconds since 1970 UTC.</summary>
    public ulong TimestampNs => Sample.TimestampNs;

    /// <summary>The parameters that came with it.</summary>
    public MetadataParameters Parameters => Sample.Parameters;

    /// <summary>Whether the sender sent a typed Arrow array rather than plain bytes.</summary>
    public bool IsTyped => Sample.IsTyped;

    /// <summary>The Arrow array that was sent, over the same memory: nothing is copied. Plain bytes are a UInt8 array.</summary>
    /// <remarks>It is as valid as this sample: afterwards reading it throws <see cref="ObjectDisposedException"/>, or shows nothing.</remarks>
    /// <exception cref="DoraException">The description of the array is broken.</exception>
    public IArrowArray AsArrow() => Sample.AsArrow();

    /// <summary>The Arrow array that was sent, if it is of the type that the program expects.</summary>
    /// <inheritdoc cref="AsArrow()" path="/remarks"/>
    /// <exception cref="DoraException">It is of another type, or its description is broken.</exception>
    public TArray AsArrow<TArray>()
        where TArray : class, IArrowArray => ArrowBytes.Expect<TArray>(AsArrow());

    internal OperatorSample Sample
    {
        get
        {
            var sample = Volatile.Read(ref _sample);
            ObjectDisposedException.ThrowIf(sample is null, this);
            return sample;
        }
    }

    /// <summary>Gives the memory back; further calls do nothing.</summary>
    public void Dispose() => Interlocked.Exchange(ref _sample, null)?.Release();
}
