// SPDX-License-Identifier: Apache-2.0

using Apache.Arrow;
using Dora.Nodes.Arrow;
using Dora.Nodes.Sending;
using Dora.Protocol;

namespace Dora.Runtime.Samples;

/// <summary>Idle <see cref="OwnedSample"/> objects: sending between siblings allocates nothing in steady state.</summary>
/// <remarks>Threads: any; operators may dispose what they retained anywhere. The lock is held for a few instructions.</remarks>
internal sealed class SamplePool(Func<ulong> nowNs)
{
    private const int IdleMax = 4096; // a burst must not keep its objects for ever

    private readonly Lock _lock = new();
    private readonly Stack<OwnedSample> _idle = new();
    private readonly ArrowWriter _arrow = new(); // scheduler thread

    /// <summary>Memory for a payload, with one reference that is the caller's.</summary>
    /// <param name="length">Bytes of the payload.</param>
    /// <param name="parameters">Metadata; copied unless read-only.</param>
    public OwnedSample Rent(int length, MetadataParameters? parameters)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        OwnedSample? sample;
        lock (_lock)
        {
            _idle.TryPop(out sample);
        }

        sample ??= new OwnedSample(this);
        sample.Start(length, nowNs(), parameters);
        return sample;
    }

    /// <summary>Memory for a payload that exists already, copied.</summary>
    public OwnedSample Copy(ReadOnlySpan<byte> data, MetadataParameters? parameters)
    {
        var sample = Rent(data.Length, parameters);
        data.CopyTo(sample.Writable);
        return sample;
    }

    /// <summary>An array's buffers, copied once, with its description. Scheduler thread only.</summary>
    /// <exception cref="NotSupportedException">dora cannot carry the array's type.</exception>
    /// <exception cref="ArgumentException">It does not fit into one message.</exception>
    public OwnedSample Copy(IArrowArray array, MetadataParameters? parameters)
    {
        OwnedSample? sample = null;
        try
        {
            _arrow.Plan(array.Data);
            if (_arrow.PayloadBytes > System.Array.MaxLength)
            {
                throw new ArgumentException($"An array of {_arrow.PayloadBytes} bytes does not fit into one message.", nameof(array));
            }

            sample = Rent((int)_arrow.PayloadBytes, parameters);
            _arrow.WritePayload(sample.Writable);
            var room = sample.BeginMetadata(_arrow.MetadataBytesMax + (parameters?.EncodedSize() ?? 0));
            sample.EndMetadata(MetadataEncoder.WriteTo(room, parameters, _arrow));
            return sample;
        }
        catch
        {
            sample?.Release();
            throw;
        }
        finally
        {
            _arrow.Clear();
        }
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
