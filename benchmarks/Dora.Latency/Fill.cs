// SPDX-License-Identifier: Apache-2.0

namespace Dora.Latency;

/// <summary>What is done with the bytes of a message.</summary>
internal enum Fill
{
    /// <summary>Lent shared memory is sent as it is: the cost of passing a message, apart from making it.</summary>
    Loan,

    /// <summary>The sender copies all bytes into the message; the receiver has them in place, and does not look.</summary>
    Write,

    /// <summary>The sender copies all bytes into the message; the receiver adds them all up.</summary>
    Touch,
}
