// SPDX-License-Identifier: Apache-2.0

namespace Dora.Latency;

/// <summary>A combination of options that makes no sense or is not there; exit code 3, so that a comparison skips it.</summary>
internal sealed class UnsupportedCaseException(string message) : Exception(message);

/// <summary>The command line is wrong; exit code 2.</summary>
internal sealed class UsageException(string message) : Exception(message);

/// <summary>The dataflow failed, or what its nodes counted does not fit together; exit code 1. Carries the dataflow's log.</summary>
internal sealed class BenchmarkFailedException(string message) : Exception(message);
