"""Writes numpy.npz, which npz.test.ts reads, and prints what is in it: `python3 make-npz.py`."""
import io
import zipfile

import numpy as np

arrays = {
    "f2": np.array([1.5, -2, np.inf, 65504, 6e-8], "<f2"),
    "f4": np.array([[1, 2, 3], [4, 5, 6]], "<f4"),
    "f4_fortran": np.asfortranarray(np.arange(24, dtype="<f4").reshape(2, 3, 4)),
    "f4_big": np.array([1.5, -2.25], ">f4"),
    "f8": np.array([np.pi, np.nan], "<f8"),
    "i1": np.array([-128, 127], "i1"),
    "i2": np.array([-32768, 32767], "<i2"),
    "i4": np.array([[-(2**31)], [2**31 - 1]], "<i4"),
    "i8": np.array([-(2**31), 2**31 - 1], "<i8"),
    "i8_large": np.array([2**31], "<i8"),
    "i8_scalar": np.array(2**53 - 1, "<i8"),
    "i8_huge": np.array(2**53, "<i8"),
    "u1": np.array([0, 255], "u1"),
    "u2": np.array([0, 65535], "<u2"),
    "u4": np.array([0, 2**32 - 1], "<u4"),
    "u8": np.array([0, 2**31 - 1], "<u8"),
    "b1": np.array([True, False, True], "?"),
    "text": np.array("héllo 🌍"),
    "text_empty": np.array(""),
    "bytes": np.array(b"abc"),
    "scalar": np.array(2.5, "<f8"),
    "empty": np.zeros((0, 3), "<f4"),
    "one_axis": np.zeros((1,), "<f4"),
    "none": np.array(None),
    "object": np.array({"a": 1}),
    "objects": np.array([None, None]),
    "complex": np.array([1j]),
    "records": np.zeros(2, [("a", "<f4"), ("b", "<i4")]),
    "nested/deep/key": np.array([7], "<f4"),
}

np.savez_compressed("numpy.npz", **arrays)

# Versions of the format that NumPy writes only when it must.
with zipfile.ZipFile("versions.npz", "w", zipfile.ZIP_DEFLATED) as archive:
    for version in [(1, 0), (2, 0), (3, 0)]:
        file = io.BytesIO()
        np.lib.format.write_array(file, np.array([1, 2], "<f4"), version=version)
        archive.writestr(f"v{version[0]}.npy", file.getvalue())
