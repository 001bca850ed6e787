// SPDX-License-Identifier: Apache-2.0

namespace Dora.Dataflows.Diagnostics;

public static partial class DiagnosticCatalogue
{
    private static DiagnosticExplanation[] Types() =>
    [
        new(
            "DF0401",
            "Not a type",
            "A type is written 'std/media/v1/Image', with parameters 'std/media/v1/AudioFrame[sample_type=f32]'.",
            """
            nodes:
              - id: a
                path: a.cs
                outputs: [image]
                output_types: {image: Image}
            """,
            """
            nodes:
              - id: a
                path: a.cs
                outputs: [image]
                output_types: {image: std/media/v1/Image}
            """),
        new(
            "DF0402",
            "No such type",
            "The type is neither a standard one nor defined in the folder 'types' beside the dataflow, where types/myproject/v1.yml defines myproject/v1/….",
            """
            nodes:
              - id: a
                path: a.cs
                outputs: [box]
                output_types: {box: std/vision/v1/BoundingBx}
            """,
            """
            nodes:
              - id: a
                path: a.cs
                outputs: [box]
                output_types: {box: std/vision/v1/BoundingBox}
            """),
        new(
            "DF0403",
            "Types do not fit",
            "An input expects another type than its source has. Fit are: equal types whose parameters do not contradict; the widenings UInt8 to UInt32 to UInt64, Int32 to Int64 and Float32 to Float64; anything to Bytes; and what 'type_rules' adds, up to three conversions in a row. A warning, unless types are strict.",
            """
            nodes:
              - id: a
                path: a.cs
                outputs: [x]
                output_types: {x: std/core/v1/String}
              - id: b
                path: b.cs
                inputs: {x: a/x}
                input_types: {x: std/core/v1/Float32}
            """,
            """
            nodes:
              - id: a
                path: a.cs
                outputs: [x]
                output_types: {x: std/core/v1/Float32}
              - id: b
                path: b.cs
                inputs: {x: a/x}
                input_types: {x: std/core/v1/Float64}
            """),
        new(
            "DF0404",
            "Type or metadata for what is not there",
            "'input_types', 'output_types' and 'output_metadata' name inputs and outputs that the same node or operator lists.",
            """
            nodes:
              - id: a
                path: a.cs
                outputs: [image]
                output_types: {imag: std/media/v1/Image}
            """,
            """
            nodes:
              - id: a
                path: a.cs
                outputs: [image]
                output_types: {image: std/media/v1/Image}
            """),
        new(
            "DF0405",
            "Field of a type can't be read",
            "A type of the folder 'types' has a field whose type is neither an Arrow type nor a type that is known, or whose short name fits several types.",
            "",
            ""),
        new(
            "DF0406",
            "Types file can't be used",
            "A file of the folder 'types' is in the reserved place types/std, or defines a name that no type can have.",
            "",
            ""),
        new(
            "DF0407",
            "Pattern without outputs",
            "A pattern says which metadata the outputs of a node carry. Without outputs it says nothing.",
            """
            nodes:
              - id: a
                path: a.cs
                pattern: service-server
            """,
            """
            nodes:
              - id: a
                path: a.cs
                pattern: service-server
                outputs: [response]
            """),
    ];
}
