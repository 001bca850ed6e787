// SPDX-License-Identifier: Apache-2.0

using System.Collections;
using Dora.Protocol.Messages;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Dora.UnitTests.Protocol;

/// <summary>One sample of every message of the schema with every field set, one per arm of a oneof; values follow from field numbers.</summary>
/// <remarks>Built from the schema itself, so that a message or field that is added cannot be forgotten.</remarks>
internal static class SampleMessages
{
    private static readonly FileDescriptor[] Files = [NodeReflection.Descriptor, LauncherReflection.Descriptor, MetadataReflection.Descriptor];

    /// <summary>Name (<c>NodeToDaemon.hello</c> for the arm of a oneof) and message, in a stable order.</summary>
    public static IEnumerable<(string Name, IMessage Message)> All() =>
        from file in Files
        from type in file.MessageTypes
        orderby type.Name
        from sample in SamplesOf(type)
        select sample;

    /// <summary>The samples of one type.</summary>
    public static IEnumerable<T> Of<T>()
        where T : IMessage => All().Select(s => s.Message).OfType<T>();

    private static IEnumerable<(string Name, IMessage Message)> SamplesOf(MessageDescriptor type)
    {
        var arms = type.Oneofs.Count == 0 ? [] : type.Oneofs[0].Fields;
        return arms.Count == 0
            ? [(type.Name, Build(type, null, 0))]
            : arms.OrderBy(arm => arm.FieldNumber).Select(arm => ($"{type.Name}.{arm.Name}", Build(type, arm, 0)));
    }

    private static IMessage Build(MessageDescriptor type, FieldDescriptor? arm, int depth)
    {
        var message = type.Parser.ParseFrom(ByteString.Empty);
        foreach (var field in type.Fields.InFieldNumberOrder())
        {
            if (field.ContainingOneof is { } oneof ? field != (arm ?? oneof.Fields[0]) : depth > 2 && field.FieldType == FieldType.Message)
            {
                continue; // another arm, or a type that contains itself
            }

            if (field.IsMap)
            {
                var map = (IDictionary)field.Accessor.GetValue(message);
                map[$"key{field.FieldNumber}"] = $"value{field.FieldNumber}";
            }
            else if (field.IsRepeated)
            {
                var list = (IList)field.Accessor.GetValue(message);
                list.Add(ValueOf(field, 0, depth));
                list.Add(ValueOf(field, 1, depth));
            }
            else
            {
                field.Accessor.SetValue(message, ValueOf(field, 0, depth));
            }
        }

        return message;
    }

    private static object ValueOf(FieldDescriptor field, int index, int depth) => field.FieldType switch
    {
        FieldType.Bool => true,
        FieldType.UInt32 => (uint)(field.FieldNumber + index),
        FieldType.Int32 => -field.FieldNumber - index,
        FieldType.UInt64 => 1_000_000_007UL * (ulong)(field.FieldNumber + index),
        FieldType.Int64 => -1_000_000_007L * (field.FieldNumber + index),
        FieldType.Double => field.FieldNumber + (index / 4.0),
        FieldType.String => $"{field.Name}-{index}",
        FieldType.Bytes => ByteString.CopyFrom((byte)field.FieldNumber, (byte)index, 0xFF),
        FieldType.Enum => field.EnumType.Values[1].Number, // never the unspecified one
        FieldType.Message => Build(field.MessageType, null, depth + 1),
        _ => throw new NotSupportedException($"Give {field.FullName} of type {field.FieldType} a sample value."),
    };
}
