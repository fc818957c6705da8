"""Summaries of arrays and tables.

Nothing is imported here: what the notebook did not import it does not hold. Only
exact, well-known types are touched; the length alone of a pandas object that is
lazy can take seconds.
"""

import sys

from . import values

MAX_COLUMNS = 500
MAX_NAMES = 50
MAX_OBJECTS = 100_000
MAX_PYTHON_OBJECTS = 10_000
MAPPED = 100_000  # elements of a file mapped into memory; more would read it whole
SAMPLE = 1_000_000
LAZY = ("dask", "pyspark", "modin", "ibis", "vaex")
UNREAD = ("tensorflow", "jax", "jaxlib", "xarray", "cupy", "cudf", "mxnet")


def describe(value, kind, facts, budget):
    """Summarises a value of a data library; returns whether it is one."""
    roots = [values.module_of(cls).partition(".")[0] for cls in values.mro_of(kind)]
    own = roots[0]
    numpy = sys.modules.get("numpy")
    if numpy is not None and "numpy" in roots:
        if issubclass(kind, numpy.generic):
            numpy_scalar(numpy, value, facts)
            return True
        if issubclass(kind, numpy.ndarray):
            ndarray(numpy, value, kind, facts, budget)
            return True
    if numpy is not None and "pandas" in roots:
        return pandas_value(numpy, sys.modules.get("pandas"), value, kind, facts, budget)
    if own == "torch":
        return tensor(sys.modules.get("torch"), value, kind, facts, budget)
    if own in ("polars", "pyarrow"):
        return table(value, kind, facts, own)
    if own == "scipy" and numpy is not None and ".sparse" in values.module_of(kind):
        return sparse(numpy, value, facts, budget)
    if own in LAZY or own in UNREAD:
        facts["unassessed"] = "lazy" if own in LAZY else "not looked into"
        return True
    return False


def put(facts, **counts):
    """Adds the counts that are not 0."""
    facts.update((name, int(count)) for name, count in counts.items() if count)


def numpy_scalar(numpy, value, facts):
    kind = value.dtype.kind
    if kind == "f":
        values.real(float(value), facts)
    elif kind == "c":
        values.two_parts(complex(value), facts)
    elif kind in "iu":
        values.whole(int(value), facts)
    elif kind == "b":
        values.truth(value, facts)
    elif kind in "mM":
        put(facts, missing=numpy.isnat(value))
    elif kind in "US":
        facts["len"] = len(value)


def ndarray(numpy, value, kind, facts, budget):
    # Without its subclass an array has no methods but numpy's own.
    array = numpy.asarray(value)
    facts.update(shape=list(array.shape), size=int(array.size), dtype=str(array.dtype)[:100])
    if kind is not numpy.ndarray and issubclass(kind, numpy.ma.MaskedArray):
        return masked(numpy, value, facts, budget)
    if array.ndim == 0 and array.dtype.kind in "fciub":
        return numpy_scalar(numpy, array[()], facts)
    if issubclass(kind, numpy.memmap) and array.size > MAPPED:
        array, facts["sampled"] = array[:max(1, MAPPED * len(array) // array.size)], True
    part, whole = take(array, budget)
    if not whole:
        facts["sampled"] = True
    if part is None:
        return None
    nan, inf, missing = count(numpy, part)
    put(facts, nan=nan, inf=inf, missing=missing)
    if part.size and nan + missing == part.size:
        facts["allNaN"] = True
    if array.dtype.names:
        facts["unassessed"] = "a structured array"
    return None


def take(array, budget):
    """Returns (the part to look at, whether that is all), None where the time is used up."""
    if array.dtype.kind not in "fcmMO":
        return array, True
    if budget.over():
        return None, False
    limit = MAX_PYTHON_OBJECTS if array.dtype.kind == "O" else budget.elements
    if array.size <= limit:
        budget.elements -= array.size
        return array, True
    step = max(1, array.size // min(SAMPLE, max(1, limit, SAMPLE // 100)))
    if array.flags.c_contiguous:
        part = array.reshape(-1)[::step]
    elif array.flags.f_contiguous:
        part = array.T.reshape(-1)[::step]
    else:
        longest = max(range(array.ndim), key=lambda axis: array.shape[axis])
        part = array[tuple(slice(None, None, step if axis == longest else 1) for axis in range(array.ndim))]
    if part.size > 4 * SAMPLE:  # step is longer than any one axis
        part = part[tuple(slice(0, 100) for _ in range(part.ndim))]
    budget.elements = max(0, budget.elements - part.size)
    return part, False


def count(numpy, array):
    """Returns how many elements are NaN, Inf and missing."""
    kind = array.dtype.kind
    if not array.size or kind not in "fcmMO":
        return 0, 0, 0
    if kind in "mM":
        return 0, 0, int(numpy.isnat(array).sum())
    if kind == "O":
        return count_objects(array)
    with numpy.errstate(all="ignore"):
        # One sum is cheap and finite only if every element is.
        if array.dtype.itemsize > 2 and numpy.isfinite(array.sum()):
            return 0, 0, 0
        return int(numpy.isnan(array).sum()), int(numpy.isinf(array).sum()), 0


def count_objects(array):
    counts = [0, 0, 0]
    for item in array.flat:
        if item is None:
            counts[2] += 1
        elif type(item) is float and not -values.math.inf < item < values.math.inf:
            counts[0 if item != item else 1] += 1
    return tuple(counts)


def masked(numpy, value, facts, budget):
    data, mask = numpy.ma.getdata(value), numpy.ma.getmaskarray(value)
    data, mask = numpy.asarray(data), numpy.asarray(mask)
    if data.dtype.names or data.size > budget.elements or budget.over():
        facts["unassessed"] = "a masked array that is large or structured"
        return
    budget.elements -= data.size
    nan, inf, missing = count(numpy, data[~mask])
    put(facts, nan=nan, inf=inf, missing=missing + int(mask.sum()))
    if data.size and nan + facts.get("missing", 0) == data.size:
        facts["allNaN"] = True


def sparse(numpy, value, facts, budget):
    held = values.instance_dict(value)
    shape, data = held.get("_shape"), held.get("data")
    if type(shape) is not tuple or type(data) is not numpy.ndarray:
        facts["unassessed"] = "a sparse matrix"
        return True
    ndarray(numpy, data, numpy.ndarray, facts, budget)
    facts.pop("allNaN", None)  # what is not stored is 0
    facts.update(shape=[int(length) for length in shape], size=int(data.size))
    return True


def tensor(torch, value, kind, facts, budget):
    if torch is None or kind not in (torch.Tensor, torch.nn.Parameter):
        return False
    facts.update(shape=list(value.shape), size=int(value.numel()), dtype=str(value.dtype))
    if value.device.type != "cpu":
        facts["unassessed"] = "on another device"
    elif value.layout is not torch.strided or value.is_quantized:
        facts["unassessed"] = "a tensor of another layout"
    elif value.numel() > budget.elements or budget.over():
        facts["sampled"] = True
    elif value.is_floating_point():
        plain = value.detach()
        budget.elements -= plain.numel()
        nan, inf = int(torch.isnan(plain).sum()), int(torch.isinf(plain).sum())
        if plain.dim() == 0:
            values.real(plain.item(), facts)
        elif nan or inf:
            put(facts, nan=nan, inf=inf)
            facts.update({"allNaN": True} if nan == plain.numel() else {})
    elif value.dim() == 0 and not value.is_complex():
        values.whole(int(value), facts)
    return True


def table(value, kind, facts, library):
    """Tables of Polars and Arrow: where they are in memory their shape is known, and no more is asked."""
    name = values.qualname_of(kind)
    if name == "LazyFrame":
        facts["unassessed"] = "lazy"
    elif name in ("DataFrame", "Series", "Table", "RecordBatch"):
        shape = [int(length) for length in value.shape]
        size = 1
        for length in shape:
            size *= length
        facts.update(shape=shape, size=size, unassessed="a table of " + library)
    return True


def pandas_value(numpy, pandas, value, kind, facts, budget):
    if pandas is None:
        return False
    if kind is pandas.DataFrame or values.type_name(kind) == "geopandas.geodataframe.GeoDataFrame":
        frame(numpy, pandas, value, facts, budget)
    elif kind is pandas.Series or values.type_name(kind) == "geopandas.geoseries.GeoSeries":
        one_column(numpy, pandas, value, facts, budget)
    elif issubclass(kind, pandas.MultiIndex):
        facts.update(shape=[len(value)], size=len(value))
    elif issubclass(kind, pandas.Index) and values.module_of(kind).startswith("pandas."):
        one_column(numpy, pandas, value, facts, budget)
    elif value is pandas.NaT or value is getattr(pandas, "NA", None):
        facts["missing"] = 1
    elif issubclass(kind, (pandas.DataFrame, pandas.Series, pandas.Index)):
        facts["unassessed"] = "a class of its own"
    else:
        return values.module_of(kind).startswith("pandas.")
    return True


def one_column(numpy, pandas, value, facts, budget):
    facts.update(shape=list(value.shape), size=int(value.size), dtype=str(value.dtype)[:100])
    nan, inf, missing, looked_at = column(numpy, pandas, value, budget)
    put(facts, nan=nan, inf=inf, missing=missing)
    name = values.label(value.name)
    if looked_at < value.size:
        facts["sampled"] = True
    if looked_at and nan + missing == looked_at:
        facts.update(allNaN=True, allNaNColumns=[name])
    if inf:
        facts["infColumns"] = [name]


def frame(numpy, pandas, value, facts, budget):
    rows, columns = value.shape
    facts.update(shape=[rows, columns], size=rows * columns)
    total, wholly, infinite = [0, 0, 0], [], []
    for position in range(columns):
        if position >= MAX_COLUMNS or budget.over():
            facts["sampled"] = True
            break
        nan, inf, missing, looked_at = column(numpy, pandas, value.iloc[:, position], budget)
        total = [total[0] + nan, total[1] + inf, total[2] + missing]
        if looked_at < rows:
            facts["sampled"] = True
        if looked_at and nan + missing == looked_at:
            wholly.append(position)
        if inf:
            infinite.append(position)
    put(facts, nan=total[0], inf=total[1], missing=total[2])
    if wholly and len(wholly) == columns:
        facts["allNaN"] = True
    for name, positions in (("allNaNColumns", wholly), ("infColumns", infinite)):
        if positions:
            facts[name] = [values.label(value.columns[position]) for position in positions[:MAX_NAMES]]


def column(numpy, pandas, series, budget):
    """Returns (NaN, Inf, missing, how many elements were looked at)."""
    dtype, size = series.dtype, len(series)
    kind = getattr(dtype, "kind", "O")
    if issubclass(type(dtype), numpy.dtype):
        if kind not in "fcmMO":
            return 0, 0, 0, size
        array = series.to_numpy()
        if kind != "O":
            part, _ = take(array, budget)
            return (*count(numpy, part), part.size) if part is not None else (0, 0, 0, 0)
        part = array[:MAX_OBJECTS]
        return 0, 0, int(pandas.isna(part).sum()), part.size
    part = series.array[:max(1, min(MAX_OBJECTS, budget.elements))]
    budget.elements = max(0, budget.elements - len(part))
    missing = int(numpy.asarray(part.isna()).sum())
    nan = inf = 0
    if kind == "f" and hasattr(dtype, "na_value") and missing < len(part) and "Sparse" not in type(dtype).__name__:
        # A nullable column may hold NaN beside NA.
        nan, inf, _ = count(numpy, part.to_numpy(dtype="float64", na_value=0.0))
    return nan, inf, missing, len(part)
