// SPDX-License-Identifier: Apache-2.0

namespace Dora.IntegrationTests.Faults;

/// <summary>What a test proves to users: one row of <c>docs/guide/faults.md</c>, which <see cref="FaultPageTests"/> keeps in step.</summary>
/// <param name="cause">What goes wrong.</param>
/// <param name="effect">What the user sees.</param>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class FaultAttribute(FaultGroup group, string cause, string effect) : Attribute
{
    public FaultGroup Group { get; } = group;

    public string Cause { get; } = cause;

    public string Effect { get; } = effect;
}

/// <summary>Sections of the page, in this order.</summary>
internal enum FaultGroup
{
    Nodes,
    State,
    Messages,
    Memory,
    Starting,
    Stopping,
    Clocks,
    Logs,
    Size,
}
