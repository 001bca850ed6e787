// SPDX-License-Identifier: Apache-2.0

using Dora.Dataflows;
using Dora.Dataflows.Graph;
using Dora.Protocol;

namespace Dora.UnitTests.Dataflows;

public sealed class DescriptorLoaderTests
{
    private static LoadResult Load(string yaml) =>
        DescriptorLoader.LoadText(yaml, "dataflow.yml", "/flows", new LoadOptions { CheckFiles = false });

    private static DataflowGraph Graph(string yaml)
    {
        var result = Load(yaml);
        Assert.Empty(result.Diagnostics);
        return result.Graph!;
    }

    [Fact]
    public void Two_program_nodes_and_their_edge_are_resolved()
    {
        var graph = Graph("""
            nodes:
              - id: camera
                path: camera.cs
                inputs: {tick: dora/timer/millis/20}
                outputs: [image]
              - id: plot
                path: ./plot
                args: --title "my camera" -v
                inputs:
                  image: {source: camera/image, queue_size: 3, queue_policy: backpressure, input_timeout: 200ms}
            """);

        var camera = graph.Nodes[0];
        Assert.Equal((ProgramKind.CSharpFile, "/flows/camera.cs"), (camera.Program!.Kind, camera.Program.Source));
        Assert.Equal(20_000_000, Assert.IsType<InputSource.Timer>(camera.Inputs[0].Source).IntervalNs);
        var plot = graph.Nodes[1];
        Assert.Equal(["--title", "my camera", "-v"], plot.Program!.Arguments);
        var image = plot.Inputs[0];
        Assert.Equal(new OutputId(new NodeId("camera"), new DataId("image")), Assert.IsType<InputSource.Node>(image.Source).Output);
        Assert.Equal((3, QueuePolicy.BackPressure, TimeSpan.FromMilliseconds(200)), (image.QueueSize, image.QueuePolicy, image.InputTimeout));
    }

    [Fact]
    public void A_runtime_node_shows_only_what_crosses_its_border()
    {
        var graph = Graph("""
            nodes:
              - id: source
                path: source.cs
                outputs: [numbers]
              - id: math
                operators:
                  - id: double
                    csharp: Double.cs
                    inputs: {x: source/numbers}
                    outputs: [y]
                  - id: sum
                    csharp: Sum.cs
                    inputs: {y: math/double/y}
                    outputs: [total]
              - id: sink
                path: sink.cs
                inputs: {total: math/sum/total}
            """);

        var math = graph.Nodes[1];
        Assert.Equal(NodeKind.Runtime, math.Kind);
        Assert.Equal("double/x", Assert.Single(math.Inputs).Id.Value);
        Assert.Equal(["double/y", "sum/total"], math.Outputs.Select(o => o.Value));
        Assert.Equal("math/double/y", Assert.Single(math.Operators[1].Inputs).Source.ToString());
    }

    [Fact]
    public void A_wrong_output_is_named_with_place_and_suggestion()
    {
        var result = Load("""
            nodes:
              - id: camera
                path: camera.cs
                outputs: [frames]
              - id: plot
                path: plot.cs
                inputs:
                  image: camera/frame
            """);

        Assert.Null(result.Graph);
        Assert.Equal(
            "dataflow.yml:8:14: error DF0107: input 'image' reads 'camera/frame', but 'camera' has no output 'frame'; did you mean 'frames'?",
            Assert.Single(result.Diagnostics).ToString());
    }
}
