// SPDX-License-Identifier: Apache-2.0

namespace Dora.Runtime;

/// <summary>How a runtime ended.</summary>
/// <param name="FailedOperators">Those that failed for good, in the order of failing.</param>
/// <param name="Restarts">Restarts of all operators together.</param>
public sealed record RuntimeResult(IReadOnlyList<string> FailedOperators, int Restarts);
