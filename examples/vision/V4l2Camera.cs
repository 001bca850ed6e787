// SPDX-License-Identifier: Apache-2.0
using System.ComponentModel;
using System.Runtime.InteropServices;
using SkiaSharp;

/// <summary>A Linux camera: the Video4Linux2 streaming interface, with the driver's buffers mapped into this process.</summary>
/// <remarks>Numbers and layouts are those of linux/videodev2.h on 64-bit systems; the names too. Not thread-safe.</remarks>
internal sealed class V4l2Camera : FrameSource
{
    private const uint Yuyv = 0x56595559, Mjpg = 0x47504a4d; // 'YUYV', 'MJPG'
    private const uint VideoCapture = 1, Mmap = 1; // V4L2_BUF_TYPE_VIDEO_CAPTURE, V4L2_MEMORY_MMAP
    private const uint CapVideoCapture = 0x1, CapStreaming = 0x04000000, CapDeviceCaps = 0x80000000;
    private const int BufferCount = 4;
    private const int FirstFrameTimeoutMs = 5000; // some cameras take seconds to wake up
    private const int Eagain = 11;

    private readonly string _path;
    private readonly int _fd;
    private readonly uint _format;
    private readonly int _bytesPerLine;
    private readonly (nint Address, nuint Length)[] _buffers = new (nint, nuint)[BufferCount];
    private byte[] _raw = [];
    private int _rawLength;

    public V4l2Camera(string path, int width = 640, int height = 480)
    {
        _path = path;
        _fd = Native.open(path, Native.O_RDWR | Native.O_NONBLOCK | Native.O_CLOEXEC);
        if (_fd < 0)
            throw Failed("open");
        try
        {
            Native.Capability capability = default;
            Check(Native.ioctl(_fd, Native.VIDIOC_QUERYCAP, ref capability), "VIDIOC_QUERYCAP");
            var can = (capability.Capabilities & CapDeviceCaps) != 0 ? capability.DeviceCaps : capability.Capabilities;
            if ((can & CapVideoCapture) == 0 || (can & CapStreaming) == 0)
                throw new IOException($"{path} is no camera that streams");
            (_format, _bytesPerLine) = ChooseFormat(width, height);
            MapBuffers();
            var type = (int)VideoCapture;
            Check(Native.ioctl(_fd, Native.VIDIOC_STREAMON, ref type), "VIDIOC_STREAMON");
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    public override string Description => $"{_path} ({(_format == Yuyv ? "YUYV" : "MJPG")})";

    public override bool MoveNext()
    {
        // Take all that is ready and keep the last: the picture of now, not the one that waited longest.
        var got = TakeReadyFrame();
        if (!got)
        {
            var poll = new Native.PollFd { Fd = _fd, Events = Native.POLLIN };
            if (Native.poll(ref poll, 1, FirstFrameTimeoutMs) <= 0)
                throw new IOException($"{_path} gives no picture within {FirstFrameTimeoutMs / 1000} s");
            got = TakeReadyFrame();
        }
        while (got && TakeReadyFrame())
        {
        }
        return true;
    }

    public override void CopyBgrTo(Span<byte> destination)
    {
        if (_format == Yuyv)
        {
            for (var row = 0; row < Height; row++)
                YuyvToBgr(_raw.AsSpan(row * _bytesPerLine, Width * 2), destination.Slice(row * Width * 3, Width * 3));
            return;
        }
        using var picture = SKBitmap.Decode(_raw.AsSpan(0, _rawLength), new SKImageInfo(Width, Height, SKColorType.Bgra8888, SKAlphaType.Opaque));
        if (picture is null)
            destination.Clear(); // a damaged frame happens on a loose cable: black, and the next one is fine
        else
            BgraToBgr(picture.GetPixelSpan(), destination);
    }

    public override void Dispose()
    {
        foreach (var (address, length) in _buffers)
        {
            if (address != 0)
                _ = Native.munmap(address, length);
        }
        _ = Native.close(_fd); // ends the streaming too
    }

    private (uint Format, int BytesPerLine) ChooseFormat(int width, int height)
    {
        Native.Format format = default;
        foreach (var wanted in (ReadOnlySpan<uint>)[Yuyv, Mjpg])
        {
            format = new Native.Format { Type = VideoCapture, Width = (uint)width, Height = (uint)height, PixelFormat = wanted };
            Check(Native.ioctl(_fd, Native.VIDIOC_S_FMT, ref format), "VIDIOC_S_FMT");
            if (format.PixelFormat != wanted) // the driver answers with what it can
                continue;
            (Width, Height) = ((int)format.Width, (int)format.Height);
            return (wanted, (int)Math.Max(format.BytesPerLine, format.Width * 2));
        }
        throw new IOException($"{_path} offers neither YUYV nor MJPG but 0x{format.PixelFormat:x8}");
    }

    private void MapBuffers()
    {
        var request = new Native.RequestBuffers { Count = BufferCount, Type = VideoCapture, Memory = Mmap };
        Check(Native.ioctl(_fd, Native.VIDIOC_REQBUFS, ref request), "VIDIOC_REQBUFS");
        for (var i = 0; i < Math.Min(request.Count, BufferCount); i++)
        {
            var buffer = new Native.Buffer { Index = (uint)i, Type = VideoCapture, Memory = Mmap };
            Check(Native.ioctl(_fd, Native.VIDIOC_QUERYBUF, ref buffer), "VIDIOC_QUERYBUF");
            var address = Native.mmap(0, buffer.Length, Native.PROT_READ | Native.PROT_WRITE, Native.MAP_SHARED, _fd, (nint)buffer.Offset);
            if (address == -1)
                throw Failed("mmap");
            _buffers[i] = (address, buffer.Length);
            Check(Native.ioctl(_fd, Native.VIDIOC_QBUF, ref buffer), "VIDIOC_QBUF");
        }
    }

    /// <summary>Copies the oldest finished buffer and hands it back to the driver; false if there is none yet.</summary>
    private bool TakeReadyFrame()
    {
        var buffer = new Native.Buffer { Type = VideoCapture, Memory = Mmap };
        if (Native.ioctl(_fd, Native.VIDIOC_DQBUF, ref buffer) < 0)
            return Marshal.GetLastPInvokeError() == Eagain ? false : throw Failed("VIDIOC_DQBUF");
        var (address, length) = _buffers[buffer.Index];
        _rawLength = (int)Math.Min(buffer.BytesUsed, length);
        if (_raw.Length < (int)length)
            _raw = new byte[length];
        Marshal.Copy(address, _raw, 0, _rawLength);
        Check(Native.ioctl(_fd, Native.VIDIOC_QBUF, ref buffer), "VIDIOC_QBUF");
        return true;
    }

    /// <summary>Two pixels share their colour: Y0 U Y1 V. BT.601, studio range, as cameras send it.</summary>
    private static void YuyvToBgr(ReadOnlySpan<byte> yuyv, Span<byte> bgr)
    {
        for (int from = 0, to = 0; from + 3 < yuyv.Length; from += 4, to += 6)
        {
            int u = yuyv[from + 1] - 128, v = yuyv[from + 3] - 128;
            Pixel(yuyv[from], u, v, bgr.Slice(to, 3));
            Pixel(yuyv[from + 2], u, v, bgr.Slice(to + 3, 3));
        }

        static void Pixel(int luma, int u, int v, Span<byte> bgr)
        {
            var y = 298 * (luma - 16) + 128; // fixed point, 8 fractional bits
            bgr[0] = (byte)Math.Clamp((y + (516 * u)) >> 8, 0, 255);
            bgr[1] = (byte)Math.Clamp((y - (100 * u) - (208 * v)) >> 8, 0, 255);
            bgr[2] = (byte)Math.Clamp((y + (409 * v)) >> 8, 0, 255);
        }
    }

    private void Check(int result, string call)
    {
        if (result < 0)
            throw Failed(call);
    }

    private IOException Failed(string call) => new($"{_path}: {call}: {new Win32Exception(Marshal.GetLastPInvokeError()).Message}");

    private static class Native
    {
        public const int O_RDWR = 2, O_NONBLOCK = 0x800, O_CLOEXEC = 0x80000;
        public const int PROT_READ = 1, PROT_WRITE = 2, MAP_SHARED = 1;
        public const short POLLIN = 1;

        public static readonly nuint VIDIOC_QUERYCAP = Request(2, 0, 104);
        public static readonly nuint VIDIOC_S_FMT = Request(3, 5, 208);
        public static readonly nuint VIDIOC_REQBUFS = Request(3, 8, 20);
        public static readonly nuint VIDIOC_QUERYBUF = Request(3, 9, 88);
        public static readonly nuint VIDIOC_QBUF = Request(3, 15, 88);
        public static readonly nuint VIDIOC_DQBUF = Request(3, 17, 88);
        public static readonly nuint VIDIOC_STREAMON = Request(1, 18, 4);

        /// <summary>_IOC of the kernel: direction (1 write, 2 read), type 'V', number, size of the argument.</summary>
        private static nuint Request(uint direction, uint number, uint size) => (direction << 30) | (size << 16) | ('V' << 8) | number;

        [StructLayout(LayoutKind.Explicit, Size = 104)]
        public struct Capability // v4l2_capability
        {
            [FieldOffset(84)] public uint Capabilities;
            [FieldOffset(88)] public uint DeviceCaps;
        }

        [StructLayout(LayoutKind.Explicit, Size = 208)]
        public struct Format // v4l2_format with v4l2_pix_format
        {
            [FieldOffset(0)] public uint Type;
            [FieldOffset(8)] public uint Width;
            [FieldOffset(12)] public uint Height;
            [FieldOffset(16)] public uint PixelFormat;
            [FieldOffset(24)] public uint BytesPerLine;
        }

        [StructLayout(LayoutKind.Sequential, Size = 20)]
        public struct RequestBuffers // v4l2_requestbuffers
        {
            public uint Count;
            public uint Type;
            public uint Memory;
        }

        [StructLayout(LayoutKind.Explicit, Size = 88)]
        public struct Buffer // v4l2_buffer
        {
            [FieldOffset(0)] public uint Index;
            [FieldOffset(4)] public uint Type;
            [FieldOffset(8)] public uint BytesUsed;
            [FieldOffset(60)] public uint Memory;
            [FieldOffset(64)] public uint Offset;
            [FieldOffset(72)] public uint Length;
        }

        [StructLayout(LayoutKind.Sequential)]
        public struct PollFd
        {
            public int Fd;
            public short Events;
            public short Returned;
        }

        [DllImport("libc", SetLastError = true)]
        public static extern int open(string path, int flags);

        [DllImport("libc", SetLastError = true)]
        public static extern int close(int fd);

        [DllImport("libc", SetLastError = true)]
        public static extern nint mmap(nint address, nuint length, int protection, int flags, int fd, nint offset);

        [DllImport("libc", SetLastError = true)]
        public static extern int munmap(nint address, nuint length);

        [DllImport("libc", SetLastError = true)]
        public static extern int poll(ref PollFd fds, ulong count, int timeoutMs);

        [DllImport("libc", SetLastError = true)]
        public static extern int ioctl(int fd, nuint request, ref Capability argument);

        [DllImport("libc", SetLastError = true)]
        public static extern int ioctl(int fd, nuint request, ref Format argument);

        [DllImport("libc", SetLastError = true)]
        public static extern int ioctl(int fd, nuint request, ref RequestBuffers argument);

        [DllImport("libc", SetLastError = true)]
        public static extern int ioctl(int fd, nuint request, ref Buffer argument);

        [DllImport("libc", SetLastError = true)]
        public static extern int ioctl(int fd, nuint request, ref int argument);
    }
}
