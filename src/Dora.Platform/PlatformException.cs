// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;

namespace Dora.Platform;

/// <summary>A system call failed. Carries the call's name and the exact <c>errno</c>.</summary>
public sealed class PlatformException : IOException
{
    /// <summary>Describes a failed call.</summary>
    /// <param name="operation">The call and what it was about, for people: <c>"connect '/run/x.sock'"</c>.</param>
    /// <param name="errno">The system's error number.</param>
    public PlatformException(string operation, int errno)
        : base($"{operation}: {Describe(errno)}")
    {
        Operation = operation;
        Errno = errno;
    }

    /// <summary>What was tried.</summary>
    public string Operation { get; }

    /// <summary>The system's error number; compare with <see cref="Errno"/>'s constants.</summary>
    public int Errno { get; }

    /// <summary>Text of an error number with its symbol: <c>Too many open files (EMFILE)</c>.</summary>
    public static string Describe(int errno)
    {
        var name = Platform.Errno.NameOf(errno);
        var text = Marshal.GetPInvokeErrorMessage(errno);
        return name is null ? $"{text} (errno {errno})" : $"{text} ({name})";
    }

    /// <summary>The exception for the call that has just failed on this thread.</summary>
    internal static PlatformException FromLastError(string operation) => new(operation, Marshal.GetLastPInvokeError());
}
