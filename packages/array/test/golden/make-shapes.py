"""Writes shapes.json: what NumPy 1.24 makes of the calls below, in the format of arrays.json."""

import json

import numpy as np

rng = np.random.RandomState(7)
cases = []
counts = {}


def encode(value):
    if isinstance(value, (np.ndarray, np.generic)):
        value = np.asarray(value)
        data = [
            v if np.isfinite(v) else {"inf": "Infinity", "-inf": "-Infinity"}.get(str(v), "NaN")
            for v in value.astype(object).ravel().tolist()
        ]
        return {"shape": list(value.shape), "dtype": str(value.dtype), "data": [int(v) if v is True or v is False else v for v in data]}
    if isinstance(value, slice):
        return {"slice": [value.start, value.stop, value.step]}
    if value is Ellipsis:
        return {"ellipsis": True}
    if value is np.newaxis:
        return {"newaxis": True}
    if isinstance(value, (list, tuple)):
        return [encode(v) for v in value]
    return value


def getitem(x, index):
    return x[tuple(index)]


def setitem(x, index, value):
    x[tuple(index)] = value
    return x


def add_at(x, index, value):
    np.add.at(x, tuple(index), value)
    return x


def put(x, index, value):
    np.put(x, index, value)
    return x


def put_along_axis(x, index, value, axis):
    np.put_along_axis(x, index, value, axis)
    return x


def as_strided(x, shape, strides):
    return np.lib.stride_tricks.as_strided(x, shape, [s * x.itemsize for s in strides])


def fill_diagonal(x, value):
    np.fill_diagonal(x, value)
    return x


own = {f.__name__: f for f in (getitem, setitem, add_at, put, put_along_axis, as_strided, fill_diagonal)}


def case(name, *args, **kwargs):
    number = counts[name] = counts.get(name, 0) + 1
    entry = {"id": f"{name}/{number}", "name": name, "args": encode(args), "kwargs": {k: encode(v) for k, v in kwargs.items()}}
    try:
        result = own.get(name, getattr(np, name, None))(*args, **kwargs)
    except Exception as error:
        entry["raises"] = type(error).__name__
    else:
        results = result if isinstance(result, (list, tuple)) else [result]
        entry["outputs"] = [encode(np.asarray(r)) for r in results]
        entry["rtol"], entry["atol"] = 1e-6, 1e-6
    cases.append(entry)


def ramp(*shape, dtype="float32"):
    return (np.arange(np.prod(shape, dtype=int)).reshape(shape) + 1).astype(dtype)


def ints(high, *shape):
    return rng.randint(-high, high, size=shape).astype("int32")


def random_slice(n):
    pick = lambda: None if rng.rand() < 0.4 else int(rng.randint(-n - 2, n + 3))
    step = None if rng.rand() < 0.5 else int(rng.choice([-3, -2, -1, 1, 2, 3]))
    return slice(pick(), pick(), step)


def random_index(shape):
    """Parts for all or some axes, of every kind; index arrays broadcast."""
    wide = tuple(int(n) for n in rng.randint(1, 4, size=rng.randint(0, 3)))
    parts, axis, ellipsis, masks = [], 0, False, 0
    while axis < len(shape):
        kind = rng.choice(["int", "slice", "array", "newaxis", "ellipsis", "mask", "stop"], p=[0.2, 0.25, 0.25, 0.08, 0.07, 0.1, 0.05])
        if kind == "stop":
            break
        if kind == "newaxis":
            parts.append(np.newaxis)
            continue
        if kind == "ellipsis":
            if not ellipsis:
                parts.append(Ellipsis)
                axis += int(rng.randint(0, len(shape) - axis + 1))
            ellipsis = True
            continue
        if kind == "mask":
            span = int(rng.randint(1, len(shape) - axis + 1))
            mask = rng.rand(*shape[axis:axis + span]) < 0.5
            if masks == 0 and wide == ():
                parts.append(mask)
                masks, axis = 1, axis + span
            continue
        if kind == "int":
            parts.append(int(rng.randint(-shape[axis], shape[axis])))
        elif kind == "slice":
            parts.append(random_slice(shape[axis]))
        else:
            own_shape = tuple(1 if rng.rand() < 0.3 else n for n in wide[int(rng.randint(0, len(wide) + 1)):])
            parts.append(ints(shape[axis], *own_shape))
        axis += 1
    return parts


for _ in range(120):
    shape = tuple(int(n) for n in rng.randint(1, 5, size=rng.randint(1, 5)))
    case("getitem", ramp(*shape), random_index(shape))

for _ in range(50):
    shape = tuple(int(n) for n in rng.randint(1, 5, size=rng.randint(1, 4)))
    x, index = ramp(*shape, dtype=rng.choice(["float32", "int32"])), random_index(shape)
    try:
        picked = x[tuple(index)]
    except IndexError:
        continue
    value = -ramp(*picked.shape)[..., :1 if rng.rand() < 0.3 else None] if picked.ndim else np.float32(-1)
    case("setitem", x, index, rng.choice([-7, 0]).item() if rng.rand() < 0.3 else value)
    case("add_at", ramp(*shape), index, value)

case("setitem", ramp(4), [slice(None, None, -1)], ramp(1, 1, 4))
case("setitem", ramp(2, 3), [0], ramp(2))
case("setitem", ramp(3), [np.array([0, 0, 1])], ramp(3))
case("setitem", ramp(5, dtype="int32"), [slice(1, 3)], np.array([1.9, -1.9], "float32"))
case("setitem", ramp(5, dtype="uint8"), [slice(1, 3)], np.array([300, -1], "int32"))
case("setitem", ramp(2, 3), [np.array([[True, False, True], [False, True, False]])], ramp(3))
case("setitem", ramp(2, 3), [np.array([True, False])], ramp(3))
case("setitem", ramp(2, 3), [np.array([True, False])], ramp(2))
case("getitem", ramp(3), [3])
case("getitem", ramp(3), [-4])
case("getitem", ramp(3), [0, 0])
case("getitem", ramp(3), [np.array([3], "int32")])
case("getitem", ramp(2, 3), [np.array([[True, False]])])
case("getitem", ramp(2, 3), [np.array([0, 1], "int32"), np.array([0, 1, 2], "int32")])
case("getitem", ramp(2, 3), [np.array(True)])
case("getitem", ramp(2, 3), [np.array(False)])
case("getitem", ramp(2, 3), [])
case("getitem", ramp(2, 3), [np.zeros((0,), "int32")])
case("getitem", ramp(2, 3), [np.zeros((2, 0), "int32"), 1])

for shape in [(12,), (3, 4), (2, 3, 2)]:
    for target in [(12,), (-1,), (3, 4), (2, -1), (1, 12, 1), (2, 2, 3), (5, -1), (2, 2)]:
        case("reshape", ramp(*shape), list(target))
        case("reshape", ramp(*shape), list(target), order="F")
case("reshape", ramp(0, 3), [3, 0])
case("reshape", ramp(0, 3), [0, -1])
case("reshape", ramp(1), [])

x3 = ramp(2, 3, 4)
for axes in [None, (0, 1, 2), (2, 0, 1), (-1, 0, 1), (1, 0), (0, 0, 1)]:
    case("transpose", x3, axes)
case("moveaxis", x3, 0, -1)
case("moveaxis", x3, [0, 1], [-1, 0])
case("moveaxis", x3, 2, 0)
case("moveaxis", x3, [0, 0], [1, 2])
case("rollaxis", x3, 2)
case("rollaxis", x3, 0, 3)
case("rollaxis", x3, 1, start=3)
case("swapaxes", x3, 0, 2)
case("swapaxes", x3, 0, 3)
case("expand_dims", x3, 0)
case("expand_dims", x3, (1, -1))
case("expand_dims", x3, (0, 0))
case("expand_dims", x3, 5)
for kwargs in [{}, {"axis": 0}, {"axis": (0, 2)}, {"axis": -1}, {"axis": 1}]:
    case("squeeze", ramp(1, 3, 1), **kwargs)
case("broadcast_to", ramp(3, 1), (2, 3, 4))
case("broadcast_to", np.float32(3), (2,))
case("broadcast_to", ramp(0, 1), (0, 3))
case("broadcast_arrays", ramp(3, 1), ramp(4))
case("broadcast_arrays", ramp(3), ramp(4))
for function in ["atleast_1d", "atleast_2d", "atleast_3d"]:
    for shape in [(), (2,), (2, 3), (1, 2, 3)]:
        case(function, np.asarray(ramp(*shape)))
for axis in [None, 0, -1, (0, 2), 3]:
    case("flip", x3, axis=axis)
case("fliplr", x3)
case("flipud", x3)
case("fliplr", ramp(3))
for shift, axis in [(1, None), (-5, None), (1, 0), (-1, 2), ((1, 2), (0, 1)), (1, (0, 1)), ((1, 1), 0), (100, 1)]:
    case("roll", x3, shift, axis=axis)
case("roll", ramp(0), 1)
for k in range(-1, 5):
    case("rot90", ramp(2, 3), k)
case("rot90", x3, 1, [2, 0])
case("rot90", x3, 1, [0, 0])
for reps in [2, (2,), (2, 1), (1, 2, 2), 0, ()]:
    case("tile", ramp(2, 3), list(reps) if isinstance(reps, tuple) else reps)
case("tile", np.float32(1), [2, 2])
case("repeat", x3, 2)
case("repeat", x3, 2, axis=1)
case("repeat", x3, np.array([1, 0, 2], "int32"), axis=1)
case("repeat", ramp(3), np.array([1, 2], "int32"))
case("repeat", ramp(3), -1)
case("repeat", ramp(2, 2), 0, axis=0)
case("concatenate", [ramp(2, 3), ramp(1, 3)])
case("concatenate", [ramp(2, 3), ramp(2, 1)], axis=1)
case("concatenate", [ramp(2, 3), ramp(2)], axis=None)
case("concatenate", [ramp(2, 3), ramp(2, 2)])
case("concatenate", [ramp(2, dtype="uint8"), ramp(2, dtype="int32")])
case("concatenate", [ramp(2, dtype="float16"), ramp(2)])
case("concatenate", [ramp(0), ramp(2)])
case("concatenate", [ramp(1), ramp(2)], axis=1)
case("stack", [ramp(2, 3)] * 2)
case("stack", [ramp(2, 3)] * 2, axis=1)
case("stack", [ramp(2, 3)] * 2, axis=-1)
case("stack", [ramp(2), ramp(3)])
for function in ["vstack", "hstack", "dstack", "column_stack"]:
    case(function, [ramp(3), ramp(3)])
    case(function, [ramp(2, 2), ramp(2, 2)])
    case(function, [ramp(2, 2, 1), ramp(2, 2, 1)])
case("hstack", [np.float32(1), np.float32(2)])
case("vstack", [ramp(2), ramp(3)])
for sections in [2, 3, [1, 2], [3], [0, 9], [-1], [2, 1], 4]:
    case("split", ramp(6), sections)
    case("array_split", ramp(7), sections)
case("split", x3, 2, axis=2)
case("vsplit", x3, 2)
case("hsplit", x3, 3)
case("dsplit", x3, [1])
case("hsplit", ramp(4), 2)
case("dsplit", ramp(4, 4), 2)
widths = [(1, 2), ((1, 0), (2, 3)), 3, ((7, 8), (1, 1))]
for mode in ["constant", "edge", "reflect", "symmetric", "wrap", "linear_ramp", "maximum", "minimum", "mean", "median"]:
    for width in widths[: 3 if mode == "wrap" else 4]:
        case("pad", ramp(2, 3), width, mode=mode)
    case("pad", ramp(3, dtype="int32"), (2, 1), mode=mode)
case("pad", ramp(2, 2), 1, constant_values=((1, 2), (3, 4)))
case("pad", ramp(3), 2, mode="linear_ramp", end_values=(5, -4))
case("pad", ramp(4), 2, mode="mean", stat_length=2)
case("pad", ramp(4), 2, mode="maximum", stat_length=((2, 3),))
case("pad", ramp(1), 2, mode="reflect")
case("pad", ramp(0), 2)
case("pad", ramp(0), 2, mode="edge")
case("pad", ramp(3), -1)
case("diagonal", x3)
case("diagonal", x3, 1, axis1=1, axis2=2)
case("diagonal", x3, offset=-1, axis1=2, axis2=0)
case("diagonal", ramp(3, 3), 5)
case("diagonal", ramp(3))
for k in [-1, 0, 1, 5]:
    case("tril", ramp(3, 4), k)
    case("triu", x3, k)
case("triu", ramp(3))
case("insert", ramp(3), 1, ramp(2))
case("insert", ramp(2, 3), 1, 9)
case("insert", ramp(2, 3), 1, ramp(2), axis=1)
case("insert", ramp(2, 3), 1, ramp(3), axis=0)
case("insert", ramp(2, 3), [1], ramp(2, 1), axis=1)
case("insert", ramp(2, 3), [0, 3, 0], ramp(2, 3), axis=1)
case("insert", ramp(5), [4, -2], ramp(2))
case("insert", ramp(5), slice(1, 4), ramp(3))
case("insert", ramp(3), 4, 9)
case("insert", ramp(3, dtype="int32"), 0, 1.7)
case("delete", ramp(5), 1)
case("delete", ramp(5), [0, -1])
case("delete", ramp(5), slice(None, None, 2))
case("delete", ramp(2, 3), 1, axis=1)
case("delete", ramp(2, 3), [1])
case("delete", ramp(3), 3)
case("delete", ramp(3), np.array([True, False, True]))
case("append", ramp(2, 2), ramp(1, 2), axis=0)
case("append", ramp(2, 2), ramp(3))
case("append", ramp(2, 2), ramp(3), axis=0)
case("resize", ramp(2, 3), [2, 4])
case("resize", ramp(2, 3), [4])
case("resize", ramp(3), [3, 3])
case("resize", ramp(0), [2])
case("as_strided", ramp(6), [2, 3], [1, 2])
case("as_strided", ramp(6), [3, 3], [1, 1])

case("take", x3, 1)
case("take", x3, ints(24, 2, 2))
case("take", x3, ints(3, 2, 2), axis=1)
case("take", x3, 1, axis=-1)
case("take", x3, np.array([5, -9, 2], "int32"), axis=2, mode="wrap")
case("take", x3, np.array([5, -9, 2], "int32"), axis=2, mode="clip")
case("take", x3, np.array([4], "int32"), axis=2)
case("take_along_axis", ramp(3, 4), ints(4, 3, 2), axis=1)
case("take_along_axis", ramp(3, 4), ints(3, 1, 4), axis=0)
case("take_along_axis", ramp(3, 4), ints(12, 5), axis=None)
case("take_along_axis", ramp(3, 4), np.array([[4]], "int32"), axis=1)
case("take_along_axis", ramp(3, 4), np.array([1], "int32"), axis=1)
case("put", ramp(2, 3), [0, -1], ramp(2))
case("put", ramp(2, 3), [0, 1, 2], [7, 8])
case("put", ramp(2, 3), [6], 0)
case("put_along_axis", ramp(2, 3), np.array([[2], [0]], "int32"), 0, 1)
case("put_along_axis", ramp(2, 3), np.array([[1, 0, 1]], "int32"), ramp(3), 0)
case("put_along_axis", ramp(2, 3), np.array([1, 4], "int32"), ramp(2), None)
case("where", np.array([True, False, True]))
case("where", ramp(2, 1) > 1, ramp(3), np.float32(0))
case("where", np.array([1, 0, 2], "float32"), ramp(3), ramp(3, dtype="float16"))
case("where", np.array([[True], [False]]), ramp(2), ramp(3))
case("nonzero", np.array([[0, 1], [2, 0], [np.nan, 0]], "float32"))
case("argwhere", np.array([[0, 1], [2, 0]], "float32"))
case("flatnonzero", np.array([[0, 1], [2, 0]], "float32"))
case("compress", [False, True], ramp(3, 4), axis=0)
case("compress", np.array([True, False, True]), ramp(3, 4))
case("compress", [True] * 4, ramp(3), axis=0)
case("extract", np.array([[True, False], [False, True]]), ramp(2, 2))
case("select", [np.array([True, False, False]), np.array([True, True, False])], [ramp(3), -ramp(3)])
case("select", [np.array([True, False, False])], [ramp(3)], default=9)
case("choose", np.array([0, 1, 1], "int32"), [ramp(3), -ramp(3)])
case("choose", np.array([0, 2], "int32"), [ramp(2), -ramp(2)])
case("choose", np.array([0, 3], "int32"), [ramp(2), -ramp(2)], mode="wrap")

case("unravel_index", np.array([0, 5, 11], "int32"), [3, 4])
case("unravel_index", np.array([12], "int32"), [3, 4])
for shape in [(2, 3), (3, 2), (2, 2, 2), (2,), (2, 2, 3)]:
    case("fill_diagonal", ramp(*shape), 0)
case("indices", [2, 3], dtype="int32")
case("append", ramp(2), 5)
case("append", ramp(2, dtype="int32"), 5)

case("zeros", 3, dtype="float32")
case("ones", [2, 2], dtype="int32")
case("full", [2], 300, dtype="int32")
case("full", [2, 2], ramp(2))
case("full_like", ramp(2), 2.5)
case("ones_like", ramp(2, dtype="uint8"))
case("zeros", [-1])
case("eye", 2, 3)
case("eye", 2, 3, k=1, dtype="int32")
case("eye", 3, k=-2)
case("identity", 2)
case("arange", 5)
case("arange", 2, 5)
case("arange", 5, 2, -1)
case("arange", 0, 1, 0.3)
case("arange", 3, 0)
case("linspace", 0, 1, 5)
case("linspace", 0, 1, 1)
case("linspace", 0, 1, 0)
case("linspace", 0, 10, 4, dtype="int32")
case("linspace", 5, -5, num=3)
case("linspace", 0, 1, -1)
case("logspace", 0, 3, 4, base=2)
case("geomspace", 1, 1000, 4)
case("geomspace", -1, -8, 4)
case("meshgrid", ramp(3), ramp(2), indexing="ij")
case("meshgrid", ramp(3), ramp(2), ramp(2))
case("meshgrid", ramp(3), ramp(2), sparse=True)
case("meshgrid", ramp(3))
case("diag", ramp(3))
case("diag", ramp(2), 1)
case("diag", ramp(3, 4), -1)
case("diag", ramp(2, 2, 2))
case("tri", 3)
case("tri", 2, 4, k=1)

for shape in [(2, 3)]:
    case("ravel", ramp(*shape))
    case("ravel", ramp(*shape).T.copy(), order="F")

with open("shapes.json", "w") as out:
    out.write("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")
print(len(cases), "cases")
