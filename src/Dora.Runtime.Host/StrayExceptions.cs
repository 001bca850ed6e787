// SPDX-License-Identifier: Apache-2.0

using System.Runtime.ExceptionServices;
using Dora.Nodes;

namespace Dora.Runtime.Host;

/// <summary>Exceptions that reach nobody: of threads that operators start, and of tasks that nobody awaits. Logged; the process lives.</summary>
/// <remarks>
/// .NET does not say whose they are, so nobody is restarted for them. What still ends the process: a stack overflow, a bad pointer,
/// <see cref="Environment.FailFast(string)"/>.
/// </remarks>
internal static class StrayExceptions
{
    /// <summary>From now on, for the life of the process.</summary>
    public static void LogTo(DoraNode node)
    {
        ExceptionHandling.SetUnhandledExceptionHandler(e =>
        {
            node.LogError($"an exception ended a thread that an operator started: {e}");
            return true;
        });
        TaskScheduler.UnobservedTaskException += (_, e) =>
        {
            node.LogWarn($"a task of an operator failed and nobody awaited it: {e.Exception}");
            e.SetObserved();
        };
    }
}
