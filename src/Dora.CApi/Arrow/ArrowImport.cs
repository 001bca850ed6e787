// SPDX-License-Identifier: Apache-2.0

using Apache.Arrow;
using Apache.Arrow.C;

namespace Dora.CApi.Arrow;

/// <summary>Arrow arrays that C gives us.</summary>
internal static unsafe class ArrowImport
{
    /// <summary>Takes an array and its schema over, as the C Data Interface has it: both are released or marked as moved, whatever happens.</summary>
    /// <returns>The array; disposing it releases what C gave.</returns>
    /// <exception cref="CApiException">Apache.Arrow can make nothing of it.</exception>
    public static IArrowArray Take(CArray* array, CSchema* schema)
    {
        if (array->Release == null || schema->Release == null)
        {
            ReleaseBoth(array, schema);
            throw new CApiException(Status.InvalidArgument, "the Arrow array or its schema was released already");
        }

        try
        {
            var type = CArrowSchemaImporter.ImportType((CArrowSchema*)schema);
            return CArrowArrayImporter.ImportArray((CArrowArray*)array, type);
        }
        catch (Exception e)
        {
            ReleaseBoth(array, schema);
            throw new CApiException(Status.BadData, $"the Arrow array cannot be taken: {e.Message}");
        }
    }

    private static void ReleaseBoth(CArray* array, CSchema* schema)
    {
        if (array->Release != null)
            array->Release(array);
        if (schema->Release != null)
            schema->Release(schema);
    }
}
