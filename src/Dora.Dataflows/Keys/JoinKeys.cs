// SPDX-License-Identifier: Apache-2.0

namespace Dora.Dataflows.Keys;

/// <summary>Keys of <c>join</c>, of nodes and operators alike.</summary>
internal static class JoinKeys
{
    public static readonly KeySet Window = new(
        "window",
        "window",
        new Key("count", new IntegerShape(1, 1_000_000), "Messages that end a window, all members together."),
        new Key("duration", new DurationShape(), "Time that ends a window, from its first message on."));

    public static readonly KeySet Settings = new(
        "join",
        "join",
        new Key("mode", new ChoiceShape(["all", "any", "zip", "latest", "exact", "approximate", "deterministic", "window"]), "Which messages belong together.") { IsRequired = true },
        new Key("inputs", new ListShape("input", new IdShape("an input id")) { MayBeEmpty = false }, "The members. Default: all inputs that are not collected."),
        new Key("tolerance", new DurationShape(), "`approximate`: largest spread of a set's stamps. Default: any."),
        new Key("stamp", new TextShape(), "What a message's stamp is: `source` (when it was sent), `arrival` (when it came) or `param:<key>` (a parameter, ns). Default `source`."),
        new Key("collect", new MapShape(MapKeys.Id, "collected input", new ChoiceShape(["between"])), "Inputs of which all messages since the set before come with each set."),
        new Key("timeout", new DurationShape(), "How long the message that waited first may wait for the others. Default: for ever."),
        new Key("on_timeout", new ChoiceShape(["partial", "drop", "error"]), "What then happens to what there is: it becomes a set, it is dropped, or it is dropped and the receiver is told. Default `partial`."),
        new Key("trigger", new IdShape("an input id"), "`latest`: the member whose messages make the sets. Default: the first."),
        new Key("max_age", new DurationShape(), "`latest`: how much older than the trigger another member's message may be. Default: any."),
        new Key("window", new KeysShape(Window), "`window`: what ends a window, the first of these."));

    public static readonly Key Join = new("join", new KeysShape(Settings), "Inputs that are received together, as one event, instead of each by itself.");
}
