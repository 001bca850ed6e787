// SPDX-License-Identifier: Apache-2.0

namespace Dora.Protocol;

/// <summary>One Arrow field of a payload, in depth-first order: its numbers, and how many of the message's buffers are its own.</summary>
/// <param name="Length">Elements.</param>
/// <param name="NullCount">Nulls; -1 when not counted.</param>
/// <param name="Offset">Elements to skip at the start of the buffers.</param>
/// <param name="BufferCount">Buffers of this field; they follow those of the field before.</param>
public readonly record struct ArrowNodeLayout(long Length, long NullCount, long Offset, int BufferCount);

/// <summary>Where one Arrow buffer lies in the payload, bytes. Both 0: the buffer is absent.</summary>
public readonly record struct ArrowBufferLayout(ulong Offset, ulong Length);
