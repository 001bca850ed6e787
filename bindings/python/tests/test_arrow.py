# SPDX-License-Identifier: Apache-2.0
"""Arrow arrays: built, read, sliced, exported and imported."""

import array
import datetime
import gc
import sys
import unittest
import weakref

import numpy as np

import dora
from dora import _arrow_c
from dora._arrow import ArrowArray, from_buffer, outgoing

UTC = datetime.timezone.utc
VALUES = {
    "ints": [1, -2, 3],
    "nulls": [1, None, 3],
    "floats": [0.5, 1, None],
    "bools": [True, None, False] * 7,
    "texts": ["a", None, "größer", ""],
    "bytes": [b"\0\1", b"", None],
    "lists": [[1, 2], [], None, [3]],
    "deep lists": [[["a"], []], None, [[None, "b"]]],
    "structs": [{"x": 1, "y": ["a"]}, None, {"x": None, "y": None}],
    "nothing": [None, None],
    "empty": [],
    "times": [datetime.datetime(2024, 2, 29, 1, 2, 3, 4, UTC), None],
}


class Reading(unittest.TestCase):
    def test_values_come_back(self):
        for name, values in VALUES.items():
            with self.subTest(name):
                made = dora.array(values)
                self.assertEqual(made.to_pylist(), values)
                self.assertEqual(len(made), len(values))
                self.assertEqual(made.null_count, sum(v is None for v in values))
                self.assertEqual(list(made), values)

    def test_slices_and_indices_are_those_of_a_list(self):
        for name, values in VALUES.items():
            made = dora.array(values)
            for start in range(len(values) + 1):
                for stop in range(start, len(values) + 1):
                    with self.subTest(name, start=start, stop=stop):
                        part = made[start:stop]
                        self.assertEqual(part.to_pylist(), values[start:stop])
                        self.assertEqual(part.null_count, values[start:stop].count(None))
                        self.assertEqual(ArrowArray(*part.__arrow_c_array__()).to_pylist(), values[start:stop])
            for index in range(-len(values), len(values)):
                self.assertEqual(made[index], values[index])
            self.assertRaises(IndexError, lambda: made[len(values)])

    def test_fixed_size_lists(self):
        made = dora.array([[1, 2], [3, 4], [5, 6]], "+w:2")
        self.assertEqual(made.to_pylist(), [[1, 2], [3, 4], [5, 6]])
        self.assertEqual(made[1:].to_pylist(), [[3, 4], [5, 6]])

    def test_large_texts_and_lists(self):
        for kind, values in (("U", ["a", None]), ("Z", [b"a", b""]), ("+L", [[1], None])):
            self.assertEqual(dora.array(values, kind).to_pylist(), values)

    def test_dictionaries(self):
        words = dora.array(["red", "green"])
        made = ArrowArray._build("c", 4, 0, (None, array.array("b", [0, 1, 1, 0])), (), (), words)
        self.assertEqual(made.to_pylist(), ["red", "green", "green", "red"])
        self.assertEqual(ArrowArray(*made.__arrow_c_array__()).to_pylist(), made.to_pylist())
        self.assertRaises(BufferError, memoryview, made)

    def test_fields_of_a_struct(self):
        made = dora.array([{"x": 1, "y": "a"}, {"x": 2, "y": "b"}])
        self.assertEqual(made.field("y").to_pylist(), ["a", "b"])
        self.assertEqual(made[1:].field(0).to_pylist(), [2])
        self.assertRaises(KeyError, made.field, "z")

    def test_times(self):
        day = ArrowArray._build("tdD", 1, 0, (None, array.array("i", [19_782])))
        self.assertEqual(day.to_pylist(), [datetime.date(2024, 2, 29)])
        clock = ArrowArray._build("ttu", 1, 0, (None, array.array("q", [3_723_000_004])))
        self.assertEqual(clock.to_pylist(), [datetime.time(1, 2, 3, 4)])
        span = ArrowArray._build("tDm", 1, 0, (None, array.array("q", [1500])))
        self.assertEqual(span.to_pylist(), [datetime.timedelta(seconds=1.5)])
        self.assertEqual(span.to_numpy().dtype, np.dtype("timedelta64[ms]"))

    def test_offsets_that_point_outside_are_refused(self):
        for offsets in ([0, 5, 3], [-1, 0, 1], [0, 1, 99]):
            with self.subTest(offsets):
                made = ArrowArray._build("+l", 2, 0, (None, array.array("i", offsets)), (dora.array([1, 2]),), ("item",))
                self.assertRaises(ValueError, made.to_pylist)
        text = ArrowArray._build("u", 1, 0, (None, array.array("i", [3, 1]), b"abc"))
        self.assertRaises(ValueError, text.to_pylist)


class Buffers(unittest.TestCase):
    def test_numpy_arrays_are_taken_in_place(self):
        for dtype in ("int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64", "float16", "float32", "float64"):
            with self.subTest(dtype):
                values = np.arange(12).astype(dtype).reshape(3, 4)
                made = dora.array(values)
                back = made.to_numpy(zero_copy_only=True)
                self.assertEqual(back.dtype, values.dtype)
                self.assertEqual(back.ctypes.data, values.ctypes.data)
                self.assertEqual(made.to_pylist(), values.reshape(-1).tolist())
                self.assertFalse(back.flags.writeable)

    def test_other_layouts_are_copied_in_their_order(self):
        values = np.arange(12, dtype="int32").reshape(3, 4)
        for other in (values.T, values[:, ::2], values[::-1], np.asfortranarray(values), values.astype(">i4")):
            self.assertEqual(dora.array(other).to_pylist(), other.reshape(-1).tolist())

    def test_booleans_and_times_of_numpy(self):
        self.assertEqual(dora.array(np.array([True, False, True])).to_pylist(), [True, False, True])
        times = np.array(["2024-02-29T01:02:03.000000004", "1969-12-31"], "datetime64[ns]")
        self.assertTrue(np.array_equal(dora.array(times).to_numpy(), times))

    def test_typed_buffers(self):
        self.assertEqual(dora.array(array.array("d", [1.5, 2])).to_pylist(), [1.5, 2])
        self.assertEqual(dora.array(memoryview(b"\1\2")).to_pylist(), [1, 2])
        self.assertIsNone(from_buffer(np.array(["text"])))
        self.assertIsNone(from_buffer(np.array([1j])))

    def test_what_can_be_sent(self):
        self.assertEqual(outgoing(b"abc"), b"abc")
        self.assertEqual(bytes(outgoing(bytearray(b"abc"))), b"abc")
        self.assertEqual(bytes(outgoing(np.array([[1, 2], [3, 4]], "uint8"))), b"\1\2\3\4")
        self.assertEqual(bytes(outgoing(memoryview(b"abcd")[::2])), b"ac")
        self.assertIsInstance(outgoing(np.zeros(3)), tuple)
        self.assertIsInstance(outgoing(dora.array(["a"])), tuple)
        for bad in ("text", 5, None, [1], {}, np.array(["a"])):
            self.assertRaises(TypeError, outgoing, bad)

    def test_views_are_read_only_and_hold_the_memory(self):
        class Owner(bytearray):
            pass

        owner = Owner(b"12345678")
        alive = weakref.ref(owner)
        made = ArrowArray._build("l", 1, 0, (None, owner))
        view = memoryview(made)
        self.assertTrue(view.readonly)
        self.assertEqual((view.format, view.itemsize, view.shape), ("q", 8, (1,)))
        back = np.asarray(made)
        capsules = made.__arrow_c_array__()
        child = dora.array([[1]])._child(0, 0, 1)
        del owner, made
        gc.collect()
        self.assertIsNotNone(alive())
        del view
        self.assertIsNotNone(alive())
        del back
        self.assertIsNotNone(alive())
        del capsules
        self.assertIsNone(alive())
        self.assertEqual(child.to_pylist(), [1])

    def test_nulls_make_no_buffer(self):
        made = dora.array([1, None])
        self.assertRaises(BufferError, memoryview, made)
        self.assertEqual(np.isnan(made.to_numpy()).tolist(), [False, True])
        self.assertRaises(ValueError, made.to_numpy, zero_copy_only=True)
        self.assertEqual(memoryview(made[:1]).tolist(), [1])

    def test_empty_arrays(self):
        self.assertEqual(memoryview(dora.array(np.zeros(0, "int32"))).nbytes, 0)
        self.assertEqual(dora.array(np.zeros(0, "float32")).to_numpy().dtype, np.float32)


class Capsules(unittest.TestCase):
    def test_an_array_is_taken_over_once(self):
        schema, data = dora.array([1, 2]).__arrow_c_array__()
        taken = ArrowArray(schema, data)
        self.assertEqual(taken.to_pylist(), [1, 2])
        self.assertRaises(ValueError, ArrowArray, schema, data)
        self.assertRaises(ValueError, ArrowArray, data, schema)
        self.assertRaises(ValueError, ArrowArray, 1, 2)

    def test_objects_of_other_libraries(self):
        class Other:
            def __arrow_c_array__(self, requested_schema=None):
                return dora.array(["a", None]).__arrow_c_array__()

        self.assertEqual(dora.array(Other()).to_pylist(), ["a", None])
        self.assertEqual(dora.from_arrow(Other()).to_pylist(), ["a", None])

    def test_bounds(self):
        schema, data = dora.array([1, 2]).__arrow_c_array__()
        made = ArrowArray(schema, data, None, (4096, 16))
        self.assertRaises(ValueError, memoryview, made)
        self.assertRaises(ValueError, made.to_pylist)

    def test_nothing_leaks(self):
        def once():
            for values in VALUES.values():
                made = dora.array(values)
                ArrowArray(*made.__arrow_c_array__())[:1].to_pylist()
                made.__arrow_c_schema__()
            for bad in ((b"",), ("u", 1, 0, (b"", b"", b"", b"")), ("u", 1, 0, (5,)), ("+l", 1, 0, (), (5,), ("a",))):
                try:
                    ArrowArray._build(*bad)
                except (TypeError, ValueError):
                    pass

        once()
        gc.collect()
        before = sys.getallocatedblocks()
        for _ in range(100):
            once()
        gc.collect()
        self.assertLess(sys.getallocatedblocks() - before, 100)

    def test_the_type_has_no_public_constructor_without_capsules(self):
        self.assertRaises(TypeError, _arrow_c.Array)


class Building(unittest.TestCase):
    def test_mixed_values_are_refused(self):
        for values in ([1, "a"], [True, 1], [b"", ""], [object()], [[1], 2]):
            self.assertRaises(TypeError, dora.array, values)

    def test_a_type_can_be_asked_for(self):
        self.assertEqual(dora.array([1, None], "f").to_pylist(), [1.0, None])
        self.assertEqual(dora.array([1, 2], "C").format, "C")
        self.assertRaises(TypeError, dora.array, np.zeros(2), "f")
        self.assertRaises(Exception, dora.array, [300], "C")


if __name__ == "__main__":
    unittest.main()
