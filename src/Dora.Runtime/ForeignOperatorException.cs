// SPDX-License-Identifier: Apache-2.0

namespace Dora.Runtime;

/// <summary>An operator in another language reported an error: its message says all, and no stack of ours adds to it.</summary>
internal abstract class ForeignOperatorException(string message) : Exception(message);
