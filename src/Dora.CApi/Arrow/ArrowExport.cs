// SPDX-License-Identifier: Apache-2.0

using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Dora.Nodes;
using Dora.Nodes.Arrow;
using Dora.Protocol;
using Dora.Protocol.Messages;

namespace Dora.CApi.Arrow;

/// <summary>Received messages as Arrow arrays for C, over the shared memory that they lie in: only the structs are made.</summary>
/// <remarks>
/// Ownership: the array holds the message by itself, so it outlives the event. Each struct of the tree can be moved and released on its
/// own, as the C Data Interface allows; the message is given back with the last.
/// </remarks>
internal static unsafe class ArrowExport
{
    /// <exception cref="ArrowDataException">The sender's description and bytes do not fit together.</exception>
    public static void Give(InputEvent input, CArray* array, CSchema* schema)
    {
        _ = input.Data.Length; // throws when it was given back
        var retained = input.Retain();
        fixed (byte* payload = retained.Data.Span) // shared memory: it does not move
            Give(retained, payload, retained.Data.Length, retained.EncodedMetadata(retained.Generation), array, schema);
    }

    /// <summary>The same of any message.</summary>
    /// <param name="owner">Disposed with the last struct, on any thread; at once if this throws.</param>
    /// <param name="payload">Stays where it is as long as the owner.</param>
    /// <param name="length">Bytes of the payload.</param>
    /// <param name="metadata">As the sender encoded it.</param>
    /// <param name="array">What to fill.</param>
    /// <param name="schema">The same.</param>
    /// <exception cref="ArrowDataException">The sender's description and bytes do not fit together.</exception>
    public static void Give(IDisposable owner, byte* payload, int length, ReadOnlySpan<byte> metadata, CArray* array, CSchema* schema)
    {
        (*array, *schema) = (default, default);
        var message = new Hold(owner, payload, length);
        try
        {
            _ = ArrowReader.Read(new PayloadMemory(payload, length).Memory, metadata); // checks what a peer wrote; cheaper than again in C
            var reader = new MetadataReader(metadata);
            if (reader.TryGetArrow(out var layout))
            {
                var nodes = new ArrowNodeLayout[layout.NodeCount];
                var ranges = new ArrowBufferLayout[layout.BufferCount];
                layout.CopyTo(nodes, ranges);
                var field = MessageDecoder.DecodeArrowField(layout.Schema);
                new Tree(message, nodes, ranges).Write(field, array);
                ArrowSchemaExport.Write(field, schema);
            }
            else
            {
                var bytes = new ArrowField { Format = "C", Nullable = true };
                ArrowNodeLayout[] nodes = [new(message.Length, 0, 0, 2)];
                ArrowBufferLayout[] ranges = [default, new(0, (ulong)message.Length)];
                new Tree(message, nodes, ranges).Write(bytes, array);
                ArrowSchemaExport.Write(bytes, schema);
            }
        }
        finally
        {
            message.Release(); // our own count; those of the structs stay
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void ReleaseArray(CArray* array)
    {
        // SAFETY: Private and all that it says were made by Tree.Write for exactly this struct, wherever it was moved to.
        for (var i = 0L; i < array->ChildCount; i++)
        {
            if (array->Children[i]->Release != null)
                array->Children[i]->Release(array->Children[i]);
        }

        if (array->Dictionary != null && array->Dictionary->Release != null)
            array->Dictionary->Release(array->Dictionary);
        var block = (Block*)array->Private;
        var owner = GCHandle.FromIntPtr(block->Owner);
        ((Hold)owner.Target!).Release();
        owner.Free();
        NativeMemory.Free(block);
        array->Release = null;
    }

    /// <summary>What a struct owns: in front of its child structs, pointers to them, and pointers to its buffers, all in one allocation.</summary>
    private struct Block
    {
        public nint Owner; // GCHandle of the Hold
    }

    /// <summary>A message that several structs hold.</summary>
    private sealed class Hold(IDisposable owner, byte* payload, int length)
    {
        private int _count = 1; // interlocked: structs may be released on any thread

        public int Length => length;

        public byte* Payload => payload;

        public void Add() => Interlocked.Increment(ref _count);

        public void Release()
        {
            if (Interlocked.Decrement(ref _count) == 0)
                owner.Dispose();
        }
    }

    /// <summary>A payload for those who only read it.</summary>
    private sealed class PayloadMemory(byte* payload, int length) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan() => new(payload, length);

        public override MemoryHandle Pin(int elementIndex = 0) => new(payload + elementIndex);

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }

    /// <summary>Walks nodes and buffers depth first, along with the type; their numbers were checked before.</summary>
    private sealed class Tree(Hold message, ArrowNodeLayout[] nodes, ArrowBufferLayout[] ranges)
    {
        private int _node;
        private int _range;

        public void Write(ArrowField field, CArray* array)
        {
            var node = nodes[_node++];
            var children = field.Children.Count;
            var structs = children + (field.Dictionary is null ? 0 : 1);
            var bytes = sizeof(Block) + (structs * sizeof(CArray)) + ((children + node.BufferCount) * sizeof(void*));
            var block = (Block*)NativeMemory.AllocZeroed((nuint)bytes);

            // SAFETY: the parts lie one behind the other in the block, as counted above.
            var childStructs = (CArray*)(block + 1);
            var childPointers = (CArray**)(childStructs + structs);
            var buffers = (void**)(childPointers + children);
            message.Add();
            block->Owner = GCHandle.ToIntPtr(GCHandle.Alloc(message));
            for (var i = 0; i < node.BufferCount; i++)
            {
                var range = ranges[_range++];
                buffers[i] = range is { Offset: 0, Length: 0 } ? null : message.Payload + range.Offset;
            }

            for (var i = 0; i < children; i++)
            {
                childPointers[i] = childStructs + i;
                Write(field.Children[i], childStructs + i);
            }

            if (field.Dictionary is { } dictionary)
                Write(dictionary, childStructs + children);
            *array = new CArray
            {
                Length = node.Length,
                NullCount = node.NullCount,
                Offset = node.Offset,
                BufferCount = node.BufferCount,
                ChildCount = children,
                Buffers = buffers,
                Children = children == 0 ? null : childPointers,
                Dictionary = field.Dictionary is null ? null : childStructs + children,
                Release = &ReleaseArray,
                Private = block,
            };
        }
    }
}
