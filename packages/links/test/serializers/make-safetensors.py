# Wrote reference.safetensors, with the format's reference implementation (Python package safetensors 0.8.0).
import ctypes
import struct

from safetensors import TensorSpec, serialize_file

buffers = []


def tensor(dtype, shape, data):
    buffer = ctypes.create_string_buffer(data, len(data))
    buffers.append(buffer)  # has to live until the file is written
    return TensorSpec(dtype=dtype, shape=shape, data_ptr=ctypes.addressof(buffer), data_len=len(data))


serialize_file(
    {
        "l1/W": tensor("float32", [2, 3], struct.pack("<6f", 1, 2, 3, 4, 5, 6)),
        "l1/b": tensor("float16", [2], struct.pack("<2e", 1.5, -2)),
        "double": tensor("float64", [1], struct.pack("<d", 0.1)),
        "t": tensor("int64", [], struct.pack("<q", -7)),
        "mask": tensor("bool", [3], bytes([1, 0, 1])),
        "u4": tensor("uint32", [1], struct.pack("<I", 2**32 - 1)),
    },
    "reference.safetensors",
    {"format": "pt"},
)
