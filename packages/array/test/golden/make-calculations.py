"""Writes calculations.json: what NumPy and SciPy make of the calls below, in the format of arrays.json."""

import json

import numpy as np
from scipy import special

rng = np.random.RandomState(11)
cases = []
counts = {}

# Chain has no 64-bit integers.
NARROW = {"int64": "int32", "uint64": "uint32"}


def encode(value):
    if isinstance(value, (np.ndarray, np.generic)):
        value = np.asarray(value)
        dtype = NARROW.get(str(value.dtype), str(value.dtype))
        return {"shape": list(value.shape), "dtype": dtype, "data": [number(v) for v in value.ravel().tolist()]}
    if isinstance(value, (list, tuple)):
        return [encode(v) for v in value]
    if isinstance(value, float):
        return number(value)
    return value


def number(v):
    if isinstance(v, bool):
        return int(v)
    if isinstance(v, float) and not np.isfinite(v):
        return {"inf": "Infinity", "-inf": "-Infinity"}.get(str(v), "NaN")
    return v


def tolerance(args, outputs):
    dtypes = [str(np.asarray(o).dtype) for o in outputs] + [str(a.dtype) for a in args if isinstance(a, np.ndarray)]
    if "float16" in dtypes:
        return 2e-3, 1e-3
    if "float64" in dtypes and not any(d in dtypes for d in ("float32",)):
        return 1e-10, 1e-12
    return 1e-5, 1e-6


def case(name, function, *args, note=None, **kwargs):
    counts[name] = counts.get(name, 0) + 1
    entry = {"id": f"{name}/{counts[name]}", "name": name, "args": encode(list(args)), "kwargs": {k: encode(v) for k, v in kwargs.items()}}
    if note:
        entry["note"] = note
    try:
        with np.errstate(all="ignore"):
            result = function(*args, **kwargs)
        outputs = list(result) if isinstance(result, tuple) else [result]
        entry["outputs"] = [encode(np.asarray(o)) for o in outputs]
        entry["rtol"], entry["atol"] = tolerance(args, outputs)
    except (ValueError, IndexError) as error:
        names = [c.__name__ for c in type(error).__mro__]
        entry["raises"] = next(n for n in ("AxisError", "IndexError", "ValueError") if n in names)
    cases.append(entry)


def f(*shape, dtype="float32", scale=1.0):
    return np.round(rng.standard_normal(shape) * scale, 3).astype(dtype)


def i(*shape, low=-9, high=10, dtype="int32"):
    return rng.randint(low, high, shape).astype(dtype)


NAN, INF = float("nan"), float("inf")
special_floats = np.array([0.0, -0.0, 1, -1, 0.5, -2.5, 3, 1e-3, 100, INF, -INF, NAN], "float32")

# Functions of one operand.
for name in "negative positive absolute fabs sign square reciprocal floor ceil trunc rint isnan isinf isfinite signbit".split():
    case(name, getattr(np, name), special_floats)
for name in "exp exp2 expm1 log log2 log10 log1p sqrt cbrt sin cos tan arcsin arccos arctan sinh cosh tanh arcsinh arccosh arctanh degrees radians deg2rad rad2deg sinc".split():
    function = getattr(np, name)
    case(name, function, special_floats)
    case(name, function, f(2, 3, dtype="float64"))
    case(name, function, np.array([0, 1, 2], "int32"), note="integers")
    case(name, function, np.array([0.25, 0.5, 1], "float16"))
    case(name, function, np.zeros((0, 2), "float32"), note="empty")
    case(name, function, np.float32(0.5).reshape(()), note="0-d")
for name, function in [("erf", special.erf), ("erfc", special.erfc), ("erfinv", special.erfinv), ("lgamma", special.gammaln), ("digamma", special.digamma)]:
    case(name, function, np.array([0.1, 0.5, 0.9, -0.3], "float32"))
    case(name, function, np.array([0.1, 0.5, 0.9, -0.3], "float64"))
case("erf", special.erf, special_floats)
case("lgamma", special.gammaln, np.array([0, 1, 2, 3.5, 10, 100, INF, NAN], "float32"))
case("digamma", special.digamma, np.array([1, 2, 3.5, 10, 100, NAN], "float32"))
for name in "negative absolute sign square".split():
    case(name, getattr(np, name), np.array([-3, 0, 7, -(2**31)], "int32"), note="the lowest has no opposite")
    case(name, getattr(np, name), np.array([0, 3, 255], "uint8"))
for name in "isinf isfinite isnan signbit isposinf isneginf".split():
    case(name, getattr(np, name), np.array([2**31 - 1, -(2**31), 0], "int32"), note="integers are finite")
case("isposinf", np.isposinf, special_floats)
case("isneginf", np.isneginf, special_floats)
case("fix", np.fix, special_floats)
case("isnan", np.isnan, np.array([True, False]))
for decimals in (0, 1, 2, -1):
    case("round", np.round, np.array([0.5, 1.5, 2.345, -17.65, 25, 1234.5], "float64"), decimals=decimals)
    case("round", np.round, np.array([5, 15, 25, -14], "int32"), decimals=decimals)
case("around", np.around, np.array([0.5, 1.5, NAN, INF], "float32"))
case("invert", np.invert, np.array([True, False]))
case("invert", np.invert, np.array([0, 5, 255], "uint8"))
case("bitwise_not", np.invert, np.array([0, 5, -6], "int32"))
case("logical_not", np.logical_not, special_floats)
case("nan_to_num", np.nan_to_num, special_floats)
case("nan_to_num", np.nan_to_num, special_floats, nan=7.0, posinf=1.0, neginf=-1.0)
case("nan_to_num", np.nan_to_num, np.array([INF, -INF, NAN], "float64"))
case("nan_to_num", np.nan_to_num, np.array([INF, -INF, NAN], "float16"))
case("nan_to_num", np.nan_to_num, np.array([1, 2], "int32"))

# Functions of two operands.
column, row = special_floats[:, None].copy(), special_floats
for name in "add subtract multiply divide true_divide floor_divide remainder mod fmod power maximum minimum fmax fmin arctan2 hypot logaddexp logaddexp2 copysign heaviside equal not_equal less less_equal greater greater_equal logical_and logical_or logical_xor".split():
    function = getattr(np, name)
    case(name, function, column, row, note="every pair")
    case(name, function, f(2, 1, 3, dtype="float64", scale=3), f(4, 1, dtype="float64", scale=3))
    if name not in ("heaviside", "power"):
        case(name, function, f(3), 2)
        case(name, function, 2, f(3))
    if name not in ("logaddexp", "logaddexp2", "heaviside", "copysign"):
        case(name, function, i(3, 2), i(2, low=1))
    case(name, function, np.zeros((0, 3), "float32"), f(3), note="empty")
    case(name, function, f(2), f(3), note="shapes that do not broadcast")
integers = np.array([7, -7, 7, -7, 0, 5, -(2**31), 2**31 - 1], "int32")
divisors = np.array([3, 3, -3, -3, 4, 0, 3, 7], "int32")
for name in "floor_divide remainder fmod".split():
    case(name, getattr(np, name), integers, divisors, note="signs, and division by 0")
    case(name, getattr(np, name), np.array([7, 200, 5], "uint8"), np.array([3, 7, 0], "uint8"))
    case(name, getattr(np, name), f(20, dtype="float64", scale=50), f(20, dtype="float64", scale=5))
case("divmod", np.divmod, integers, divisors)
case("divmod", np.divmod, f(6, scale=9), 2.5)
case("power", np.power, i(6, low=-4, high=5), np.array([0, 1, 2, 3, 4, 5], "int32"))
case("power", np.power, np.array([2, 3, 10], "int32"), 3)
case("power", np.power, np.array([2, 3, 10], "int32"), -1, note="integers to a negative number")
for exponent in (2, 3, 0.5, -1, -2, 0, 1.5):
    case("power", np.power, np.abs(f(4)) + 0.1, exponent)
case("power", np.power, 2, f(3))
case("power", np.power, np.array([-8.0, -1.0, 1.0, 0.0], "float32"), np.array([1 / 3, INF, NAN, 0.0], "float32"))
case("float_power", np.float_power, np.array([1.5, 2.5], "float64"), 2)
for name in "bitwise_and bitwise_or bitwise_xor".split():
    case(name, getattr(np, name), i(3, 4, high=100), i(4, high=100))
    case(name, getattr(np, name), np.array([True, True, False, False]), np.array([True, False, True, False]))
    case(name, getattr(np, name), i(4, low=0, high=255, dtype="uint8"), i(4, low=0, high=255, dtype="uint8"))
case("left_shift", np.left_shift, np.array([1, -3, 5, 1], "int32"), np.array([4, 2, 31, 32], "int32"))
case("right_shift", np.right_shift, np.array([-100, 100, -1, 77], "int32"), np.array([3, 3, 32, 40], "int32"))
case("left_shift", np.left_shift, np.array([1, 255], "uint8"), np.array([7, 4], "uint8"))
case("right_shift", np.right_shift, np.array([255, 128], "uint8"), np.array([7, 4], "uint8"))
for low, high in [(-1, 1), (0, None), (None, 0.5), (1, -1)]:
    case("clip", np.clip, special_floats, low, high)
case("clip", np.clip, i(6), -2, 3)
case("clip", np.clip, f(2, 3), f(3) - 1, f(3) + 1)
close = np.array([1, 1 + 1e-6, 1.1, INF, -INF, NAN, 0], "float64")
case("isclose", np.isclose, close, np.array([1, 1, 1, INF, INF, NAN, 1e-9], "float64"))
case("isclose", np.isclose, close, np.array([1, 1, 1, INF, INF, NAN, 1e-9], "float64"), equal_nan=True, rtol=0.2, atol=0.0)
case("allclose", np.allclose, f(3), f(3))
case("allclose", np.allclose, i(3), i(3) * 0 + 100)
case("array_equal", np.array_equal, np.array([1, 2], "int32"), np.array([1, 2], "int32"))
case("array_equal", np.array_equal, np.array([1, 2], "int32"), np.array([[1, 2]], "int32"))
case("array_equal", np.array_equal, np.array([NAN], "float32"), np.array([NAN], "float32"))
case("array_equal", np.array_equal, np.array([NAN], "float32"), np.array([NAN], "float32"), equal_nan=True)

# Reductions.
with_nan = f(3, 4)
with_nan[0, 1] = with_nan[2, 3] = np.nan
nan_row = f(2, 3, dtype="float64")
nan_row[1] = np.nan
axes = [dict(), dict(axis=0), dict(axis=-1), dict(axis=(0, 2)), dict(axis=1, keepdims=True), dict(keepdims=True)]
for name in "sum prod mean var std max min amax amin ptp any all count_nonzero".split():
    function = getattr(np, name)
    for options in axes:
        case(name, function, f(2, 3, 4), **options)
    case(name, function, f(4, 3, dtype="float64"), axis=0)
    case(name, function, f(4, 3, dtype="float16"), axis=0)
    case(name, function, i(3, 4), axis=1)
    case(name, function, with_nan, axis=1)
    case(name, function, np.zeros((0, 3), "float32"), axis=1, note="no rows")
    case(name, function, np.zeros((0, 3), "float32"), axis=0, note="nothing in a column")
    case(name, function, f(2, 3), axis=2, note="no such axis")
    case(name, function, np.float32(2.5).reshape(()), note="0-d")
for name in "max min any all sum prod count_nonzero".split():
    case(name, getattr(np, name), np.array([[True, False], [True, True]]), axis=0)
    case(name, getattr(np, name), np.array([[1, 200], [100, 200]], "uint8"), axis=0)
for ddof in (1, 2, 3):
    case("var", np.var, f(3, 2), axis=0, ddof=ddof)
    case("std", np.std, f(3, 2), axis=0, ddof=ddof)
case("var", np.var, np.float32(10000) + f(50), note="a mean far from 0")
for name in "argmax argmin".split():
    function = getattr(np, name)
    for options in [dict(), dict(axis=0), dict(axis=-1), dict(axis=1, keepdims=True)]:
        case(name, function, f(2, 3, 4), **options)
    case(name, function, np.array([[3, 1, 3], [1, 1, 2]], "int32"), axis=1)
    case(name, function, with_nan, axis=1)
    case(name, function, np.array([False, True, True]))
    case(name, function, np.array([-INF, -INF], "float32"))
    case(name, function, np.array([INF, INF], "float32"))
    case(name, function, np.zeros((0,), "float32"))
for name in "nansum nanprod nanmean nanvar nanstd nanmax nanmin".split():
    function = getattr(np, name)
    for options in [dict(), dict(axis=0), dict(axis=1), dict(axis=1, keepdims=True)]:
        case(name, function, with_nan, **options)
    case(name, function, nan_row, axis=1)
    case(name, function, i(2, 3), axis=0)
for name in "cumsum cumprod".split():
    function = getattr(np, name)
    for options in [dict(), dict(axis=0), dict(axis=-1)]:
        case(name, function, f(2, 3, 2), **options)
    case(name, function, i(2, 5, low=-3, high=4), axis=1)
    case(name, function, np.array([True, False, True]))
    case(name, function, np.zeros((2, 0), "float32"), axis=1)
    case(name, function, f(1, 1), axis=0)
for options in [dict(), dict(axis=0), dict(axis=(0, 1)), dict(axis=1, keepdims=True)]:
    case("logsumexp", special.logsumexp, f(3, 4, scale=50), **options)
case("logsumexp", special.logsumexp, np.array([[-INF, -INF], [1000, 1000], [INF, 1], [NAN, 1]], "float32"), axis=1)
for n in (0, 1, 2):
    case("diff", np.diff, f(3, 4), n=n)
    case("diff", np.diff, i(4, 3), n=n, axis=0)
case("diff", np.diff, np.array([True, False, False]))
case("diff", np.diff, np.zeros(0, "float32"))

# Linear algebra.
for a, b in [((2, 3), (3, 4)), ((3,), (3, 2)), ((2, 3), (3,)), ((3,), (3,)), ((5, 2, 3), (3, 2)), ((2, 1, 2, 3), (4, 3, 2)), ((2, 0), (0, 3)), ((0, 2), (2, 3)), ((2, 3), (2, 3)), ((3,), (2, 3, 4))]:
    case("matmul", np.matmul, f(*a), f(*b))
case("matmul", np.matmul, f(2, 3, dtype="float64"), f(3, 2))
case("matmul", np.matmul, f(2, 3, dtype="float16"), f(3, 2, dtype="float16"))
case("matmul", np.matmul, f(2, 3), i(3, 2))
case("matmul", np.matmul, i(2, 3, low=0, high=200, dtype="uint8"), i(3, 2, low=0, high=200, dtype="uint8"))
case("matmul", np.matmul, np.array([[True, False]]), np.array([[False, True], [True, True]]))
for a, b in [((3,), (3,)), ((2, 3), (3, 2)), ((2, 3), (3,)), ((2, 2, 3), (3,)), ((2, 3), (4, 3, 2)), ((2, 2, 3), (2, 3, 2)), ((), (2,)), ((2,), (3,))]:
    case("dot", np.dot, f(*a), f(*b))
case("dot", np.dot, f(2, 3), 2)
for a, b in [((3,), (3,)), ((2, 3), (4, 3)), ((2, 2, 3), (3,)), ((2, 3), (2,))]:
    case("inner", np.inner, f(*a), f(*b))
case("outer", np.outer, f(3), f(2))
case("outer", np.outer, f(2, 2), i(3))
case("vdot", np.vdot, f(2, 3), f(3, 2))
case("vdot", np.vdot, f(2), f(3))
for axes_ in (0, 1, 2, [[0, 1], [1, 0]], [0, 1]):
    case("tensordot", np.tensordot, f(3, 3), f(3, 3), axes=axes_)
case("tensordot", np.tensordot, f(2, 3, 4), f(3, 4, 5))
case("tensordot", np.tensordot, f(2, 3), f(2, 3), axes=1)
for text, shapes in [
    ("ij,jk", [(2, 3), (3, 4)]), ("ij,jk->ki", [(2, 3), (3, 4)]), ("ba", [(2, 3)]), ("ij->", [(2, 3)]), ("ij->j", [(2, 3)]),
    ("ii", [(3, 3)]), ("ii->i", [(3, 3)]), ("iij->ij", [(3, 3, 2)]), ("i,i", [(3,), (3,)]), ("i,j->ij", [(2,), (3,)]),
    ("ij,ij->ij", [(2, 3), (2, 3)]), ("ij,ij->i", [(2, 3), (2, 3)]), ("bij,bjk->bik", [(4, 2, 3), (4, 3, 2)]),
    ("...ij,...jk->...ik", [(2, 2, 3), (3, 2)]), ("...i->...", [(2, 3, 4)]), ("i...->...i", [(2, 3, 4)]), ("...,...", [(2, 3), (3,)]),
    ("ij,jk,kl->il", [(2, 3), (3, 4), (4, 2)]), ("ij,kj,lj->ikl", [(2, 3), (2, 3), (2, 3)]), ("abc,cd,be->ade", [(2, 3, 4), (4, 2), (3, 2)]),
    ("bhqd,bhkd->bhqk", [(2, 2, 3, 4), (2, 2, 5, 4)]), ("ij,k->i", [(2, 3), (4,)]), ("i,ij,j", [(2,), (2, 3), (3,)]),
    ("ij,jk->ik", [(2, 1), (3, 2)]), ("iij,jk", [(2, 2, 3), (3, 2)]), ("...ij->...", [(2, 3, 4)]), ("ij...,jk...->ik...", [(2, 3, 2), (3, 2, 2)]),
    ("ij,jk", [(2, 3), (4, 2)]), ("ij", [(2, 3, 4)]), ("ij->k", [(2, 3)]), ("ij->ii", [(2, 3)]), ("ij,jk", [(2, 3)]), ("i$", [(2, 3)]), ("...->", [(2, 2)]),
]:
    case("einsum", np.einsum, text, *[f(*s) for s in shapes])
case("einsum", np.einsum, "ij,jk->ik", i(2, 3), i(3, 2))
case("einsum", np.einsum, "ij,j->i", i(2, 3), f(3))
for options in [dict(), dict(axis=0), dict(axis=-1), dict(ord=1, axis=1), dict(ord=3, axis=0), dict(ord=INF, axis=0), dict(ord=-INF, axis=1), dict(ord=0, axis=1), dict(ord=2), dict(ord=-2), dict(ord=1), dict(ord=-1), dict(ord=INF), dict(ord=-INF), dict(ord="fro"), dict(ord="nuc"), dict(ord="fro", axis=(1, 0), keepdims=True), dict(axis=1, keepdims=True), dict(ord=3), dict(ord="fro", axis=0)]:
    case("norm", np.linalg.norm, f(3, 4, dtype="float64"), **options)
case("norm", np.linalg.norm, f(2, 3, 4), ord=2, axis=(0, 2))
case("norm", np.linalg.norm, f(2, 3, 4))
case("norm", np.linalg.norm, f(2, 3, 4), ord=1)
case("norm", np.linalg.norm, i(4))
case("norm", np.linalg.norm, f(5), ord=2.5)
for options in [dict(), dict(offset=1), dict(offset=-1), dict(offset=5), dict(axis1=1, axis2=2)]:
    case("trace", np.trace, f(3, 4, 3), **options)
case("trace", np.trace, i(3, 3))
case("trace", np.trace, f(3))
case("kron", np.kron, f(2), f(3))
case("kron", np.kron, f(2, 3), f(3, 2))
case("kron", np.kron, f(2), f(2, 2))
case("cross", np.cross, f(4, 3), f(3))
case("cross", np.cross, f(3, 4), f(3, 4), axis=0)
case("cross", np.cross, f(4), f(4))
spd = f(2, 3, 3, dtype="float64")
spd = spd @ spd.transpose(0, 2, 1) + np.eye(3)
case("det", np.linalg.det, f(4, 4, dtype="float64"))
case("det", np.linalg.det, f(2, 3, 3))
case("det", np.linalg.det, np.array([[1, 2], [2, 4]], "float64"))
case("det", np.linalg.det, i(3, 3))
case("det", np.linalg.det, f(2, 3))
case("inv", np.linalg.inv, spd)
case("inv", np.linalg.inv, f(3, 3) + 3 * np.eye(3, dtype="float32"))
case("inv", np.linalg.inv, np.array([[1, 2], [2, 4]], "float64"))
case("solve", np.linalg.solve, spd, f(2, 3, 2, dtype="float64"))
case("solve", np.linalg.solve, spd[0], f(3, dtype="float64"))
case("solve", np.linalg.solve, spd[0], f(4, dtype="float64"))
case("solve", np.linalg.solve, np.array([[1, 2], [2, 4]], "float64"), f(2, dtype="float64"))
case("cholesky", np.linalg.cholesky, spd)
case("cholesky", np.linalg.cholesky, np.array([[1, 2], [2, 1]], "float64"))

# Sorting and searching.
messy = np.array([[3, NAN, 1, -INF, 1], [2, 2, 0, INF, NAN]], "float32")
for name, kind in [("sort", {}), ("argsort", {"kind": "stable"})]:
    function = (lambda g, k: lambda x, **kw: g(x, **kw, **k))(getattr(np, name), kind)
    for options in [dict(), dict(axis=0), dict(axis=None), dict(axis=2)]:
        case(name, function, messy, **options)
    case(name, function, f(2, 3, 4), axis=1)
    case(name, function, i(3, 5, low=-3, high=3))
    case(name, function, i(7, low=0, high=255, dtype="uint8"))
    case(name, function, np.array([True, False, True, False]))
    case(name, function, f(9, dtype="float64"))
    case(name, function, f(9, dtype="float16"))
    case(name, function, np.zeros((2, 0), "float32"))
case("partition", lambda x, k: np.sort(x), i(7), 3)
case("partition", np.partition, i(3), 5)
case("unique", np.unique, messy)
case("unique", np.unique, i(3, 4, low=0, high=4))
case("unique", lambda x, **k: tuple(np.asarray(v).ravel() for v in np.unique(x, **k)), i(9, low=0, high=4), return_index=True, return_inverse=True, return_counts=True)
case("unique", lambda x, **k: np.unique(x, **k), i(9, low=0, high=4), return_counts=True)
case("unique", np.unique, np.zeros(0, "float32"))
edges = np.array([-2, -1, 0, 0, 0.5, 2], "float32")
for side in ("left", "right"):
    case("searchsorted", np.searchsorted, edges, np.array([-3, -2, 0, 0.2, 2, 3, NAN, -INF], "float32"), side=side)
    case("searchsorted", np.searchsorted, i(8, low=0, high=5, dtype="int32") * 0 + 3, np.array([[2, 3, 4]], "int32"), side=side)
case("searchsorted", np.searchsorted, edges, 0.25)
case("searchsorted", np.searchsorted, np.zeros(0, "float32"), f(3))
case("searchsorted", np.searchsorted, f(2, 2), f(3))
case("digitize", lambda x, bins, right=False: np.digitize(x, bins, right), f(5), edges)
case("digitize", lambda x, bins, right=False: np.digitize(x, bins, right), f(5), edges, right=True)
case("bincount", np.bincount, i(12, low=0, high=6))
case("bincount", np.bincount, i(4, low=0, high=3), minlength=6)
case("bincount", np.bincount, np.zeros(0, "int32"))
case("bincount", np.bincount, np.array([1, -1], "int32"))
case("bincount", np.bincount, i(2, 2, low=0))

# Statistics.
for options in [dict(), dict(axis=0), dict(axis=(0, 2)), dict(axis=1, keepdims=True)]:
    case("median", np.median, f(3, 4, 5), **options)
    case("percentile", np.percentile, f(3, 4, 5), 30, **options)
    case("quantile", np.quantile, f(3, 4, 5), [0.0, 0.1, 0.5, 1.0], **options)
case("median", np.median, with_nan, axis=1)
case("median", np.median, i(7))
case("quantile", np.quantile, i(3), 1.5)
case("average", np.average, f(3, 4))
case("average", np.average, f(3, 4), axis=1)
case("average", lambda x, w, **k: np.average(x, weights=w, **k), f(3, 4), np.abs(f(3, 4)), axis=0)
case("average", lambda x, w, **k: np.average(x, weights=w, **k), f(3, 4), np.abs(f(4)), axis=1)
case("cov", np.cov, f(3, 5))
case("cov", np.cov, f(5, 3), rowvar=False)
case("cov", np.cov, f(3, 5), bias=True)
case("cov", np.cov, f(3, 5), ddof=0)
case("cov", np.cov, f(5), f(5))
case("cov", np.cov, f(5))
case("corrcoef", np.corrcoef, f(3, 5))
case("corrcoef", np.corrcoef, f(5, 3), rowvar=False)
case("histogram", np.histogram, f(30, dtype="float64"))
case("histogram", np.histogram, f(30, dtype="float64"), bins=4, range=(-1.0, 1.0))
case("histogram", np.histogram, f(30, dtype="float64"), bins=[-2.5, -1.0, 0.25, 2.0])

# What NumPy has besides.
for name in "nancumsum nancumprod".split():
    case(name, getattr(np, name), with_nan)
    case(name, getattr(np, name), with_nan, axis=1)
for options in [dict(), dict(axis=0), dict(axis=1, keepdims=True)]:
    case("nanmedian", np.nanmedian, with_nan, **options)
case("nanmedian", np.nanmedian, nan_row, axis=1)
case("nanmedian", np.nanmedian, f(3, 5, 2), axis=1)
case("slogdet", lambda x: tuple(np.linalg.slogdet(x)), f(2, 3, 3, dtype="float64"))
case("slogdet", lambda x: tuple(np.linalg.slogdet(x)), np.array([[1, 2], [2, 4]], "float64"))
case("isin", np.isin, i(3, 4), i(5))
case("isin", np.isin, np.array([1, NAN, 2], "float32"), np.array([NAN, 2], "float32"), invert=True)
case("isin", np.isin, f(3), np.zeros(0, "float32"))
for name in "union1d intersect1d setdiff1d".split():
    case(name, getattr(np, name), i(8, low=0, high=6), i(6, low=2, high=8))
    case(name, getattr(np, name), f(4), np.zeros(0, "float32"))
case("interp", np.interp, np.append(f(9, dtype="float64", scale=3), NAN), np.array([-2, -0.5, 1, 1.5], "float64"), f(4, dtype="float64"))
case("interp", np.interp, np.array([-3, 0, 3], "float64"), np.array([0.0]), np.array([7.0]))
case("interp", np.interp, f(2), f(2), f(3))

with open("calculations.json", "w") as file:
    file.write("[\n" + ",\n".join(json.dumps(c, separators=(",", ":")) for c in cases) + "\n]\n")
print(len(cases))
