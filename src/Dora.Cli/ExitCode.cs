// SPDX-License-Identifier: Apache-2.0

namespace Dora.Cli;

/// <summary>What <c>dora</c> tells its caller; the numbers are part of the interface (docs/guide/cli.md).</summary>
internal static class ExitCode
{
    public const int Success = 0;

    /// <summary>A node failed, a build failed, or a check of <c>doctor</c> did.</summary>
    public const int Failed = 1;

    /// <summary>The command line makes no sense.</summary>
    public const int Usage = 2;

    /// <summary>A daemon or coordinator does not answer.</summary>
    public const int Unreachable = 3;

    /// <summary>The descriptor has errors.</summary>
    public const int InvalidDescriptor = 4;

    /// <summary>The user interrupted: 128 + SIGINT, as shells expect.</summary>
    public const int Interrupted = 130;
}
