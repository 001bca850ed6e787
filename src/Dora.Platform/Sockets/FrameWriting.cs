// SPDX-License-Identifier: Apache-2.0

using Microsoft.Win32.SafeHandles;

namespace Dora.Platform.Sockets;

/// <summary>What the two ways of sending frames share.</summary>
internal static class FrameWriting
{
    public static void Check(ReadOnlySpan<byte> body, ReadOnlySpan<SafeFileHandle> descriptors, FrameLimits limits)
    {
        if (body.Length > limits.FrameBytesMax)
        {
            throw new FrameException(
                FrameFault.TooLong, $"a frame of {body.Length} bytes was to be sent; at most {limits.FrameBytesMax} are possible");
        }
        ArgumentOutOfRangeException.ThrowIfGreaterThan(descriptors.Length, UnixSocket.MaxDescriptorsPerMessage);
    }

    public static FrameException Translate(PlatformException e) => e.Errno is Errno.EPIPE or Errno.ECONNRESET
        ? new FrameException(FrameFault.PeerGone, "the peer closed the socket or died", e)
        : new FrameException(FrameFault.PeerGone, e.Message, e);
}
