// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;

namespace Dora.Dataflows.Keys;

/// <summary>Inputs and outputs, of nodes and operators alike.</summary>
internal static class PortKeys
{
    public static readonly KeySet Input = new(
        "input",
        "input",
        new Key("source", new SourceShape(), "`node/output`, `node/operator/output`, `dora/timer/<unit>/<number>` or `dora/logs[/<level>[/<node>]]`.") { IsRequired = true },
        new Key("queue_size", new IntegerShape(0, 1_000_000), "Messages that may wait. Default 10."),
        new Key("queue_policy", new ChoiceShape(["drop_oldest", "backpressure"]), "What a full queue does: lose its oldest message, or make the sender wait. Default `drop_oldest`."),
        new Key("input_timeout", new DurationShape(), "Silence after which the node is told that the input is closed, until data comes again."));

    public static readonly Key Inputs = new("inputs", new MapShape(MapKeys.Id, "input", new EitherShape([new SourceShape(), new KeysShape(Input)])), "What is received: an id and where it comes from, each.");
    public static readonly Key Outputs = new("outputs", new ListShape("output", new IdShape("an output id")), "What is sent.");

    public static readonly ImmutableArray<Key> Types =
    [
        new("input_types", new MapShape(MapKeys.Id, "input type", new TextShape()), "Types of inputs, such as `std/media/v1/Image`."),
        new("output_types", new MapShape(MapKeys.Id, "output type", new TextShape()), "Types of outputs."),
        new("output_metadata", new MapShape(MapKeys.Id, "metadata list", new ListShape("metadata key", new TextShape())), "Metadata keys that each message of an output carries."),
        new("pattern", new ChoiceShape(["service-server", "service-client", "action-server", "action-client"]), "Pattern that the outputs follow; implies metadata keys."),
    ];
}
