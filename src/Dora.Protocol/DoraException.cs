// SPDX-License-Identifier: Apache-2.0

namespace Dora.Protocol;

/// <summary>Root of what dora throws when a peer, a file or the machine is broken, as opposed to the program.</summary>
public abstract class DoraException : Exception
{
    /// <summary>Says what happened and, where possible, what to do.</summary>
    protected DoraException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}

/// <summary>The other side sent bytes that are not the protocol; the session that they came over must end.</summary>
public sealed class ProtocolException(string message, Exception? inner = null) : DoraException(message, inner);
