// SPDX-License-Identifier: Apache-2.0

namespace Dora.CApi;

/// <summary>What a function of the C API returns: <c>enum dora_status</c> of <c>dora/dora.h</c>. Negative: an error, with a text.</summary>
internal enum Status
{
    Ok = 0,
    Timeout = 1,
    Ended = 2,
    BackPressured = 3,
    PoolExhausted = 4,
    Stopping = 5,
    Closed = 6,

    InvalidHandle = -1,
    InvalidArgument = -2,
    UnknownOutput = -3,
    TooLarge = -4,
    NotConnected = -5,
    WrongEvent = -6,
    Busy = -7,
    BadData = -8,
    NotFound = -9,
    Unsupported = -10,
    Internal = -99,
}
