// SPDX-License-Identifier: Apache-2.0

using Dora.Protocol;

namespace Dora.Runtime.Samples;

/// <summary>Idle <see cref="OwnedSample"/> objects: sending between siblings allocates nothing in steady state.</summary>
/// <remarks>Threads: any; operators may dispose what they retained anywhere. The lock is held for a few instructions.</remarks>
internal sealed class SamplePool(Func<ulong> nowNs)
{
    private const int IdleMax = 4096; // a burst must not keep its objects for ever

    private readonly Lock _lock = new();
    private readonly Stack<OwnedSample> _idle = new();

    /// <summary>Memory for a payload, with one reference that is the caller's.</summary>
    /// <param name="length">Bytes of the payload.</param>
    /// <param name="parameters">Metadata; copied unless read-only.</param>
    /// <param name="arrowMetadata">Of an Arrow array, see <see cref="Operators.OperatorSample.ArrowMetadata"/>; kept, not copied.</param>
    public OwnedSample Rent(int length, MetadataParameters? parameters, ReadOnlyMemory<byte> arrowMetadata = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        OwnedSample? sample;
        lock (_lock)
        {
            _idle.TryPop(out sample);
        }

        sample ??= new OwnedSample(this);
        sample.Start(length, nowNs(), parameters, arrowMetadata);
        return sample;
    }

    /// <summary>Memory for a payload that exists already, copied.</summary>
    public OwnedSample Copy(ReadOnlySpan<byte> data, MetadataParameters? parameters)
    {
        var sample = Rent(data.Length, parameters);
        data.CopyTo(sample.Writable);
        return sample;
    }

    internal void Return(OwnedSample sample)
    {
        lock (_lock)
        {
            if (_idle.Count < IdleMax)
            {
                _idle.Push(sample);
            }
        }
    }
}
