// SPDX-License-Identifier: Apache-2.0

namespace Dora.Nodes.Joining;

/// <summary>A message that is held, and the use of its event that is meant: the program may dispose one of a set before the set.</summary>
internal readonly struct HeldInput(InputEvent input)
{
    private readonly uint _generation = input.Generation;

    /// <summary>The event.</summary>
    /// <exception cref="ObjectDisposedException">It was disposed.</exception>
    public InputEvent Event
    {
        get
        {
            ObjectDisposedException.ThrowIf(!IsLive, typeof(InputEvent));
            return input;
        }
    }

    /// <summary>Whether it was not disposed yet.</summary>
    public bool IsLive => input.Generation == _generation;

    /// <summary>Gives the message back. Any thread.</summary>
    public void Dispose()
    {
        if (IsLive)
            input.Dispose();
    }

    /// <summary>The same on the receiving thread, for an event that it rented.</summary>
    public void GiveBack()
    {
        if (IsLive)
            input.GiveBack();
    }
}
