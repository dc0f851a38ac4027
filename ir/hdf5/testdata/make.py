"""Makes the fixtures of this folder: python3 make.py, with h5py 3.7 (HDF5 1.10.8).

What h5py reads back from VERSION_PART.h5 is in PART.json:
path -> {"kind", "shape", "values", "attributes"}, numbers and strings in C order.
"""

import json
import os

import h5py
import numpy as np

here = os.path.dirname(os.path.abspath(__file__))
text = h5py.string_dtype("utf-8")


def numbers(g):
    for order in "<>":
        for code in ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8"):
            info = np.iinfo(code)
            top = min(info.max, 2**53)
            g.create_dataset("be"[order == "<"] + "_" + code, data=np.array([max(info.min, -(2**53)), 0, 1, 100, top - 1, top], order + code))
        for code in ("f2", "f4", "f8"):
            info = np.finfo(code)
            values = [0.0, -0.0, 1.5, -2.25, info.max, info.tiny, info.tiny / 4, 1 / 3, np.inf, -np.inf, np.nan]
            g.create_dataset("be"[order == "<"] + "_" + code, data=np.array(values, order + code))
    g["scalar"] = np.int64(-7)
    g["bool"] = np.array([True, False, True])
    g["flag"] = np.bool_(True)
    g.create_dataset("enum", data=np.array([2, 0, 7], "<i2"), dtype=h5py.enum_dtype({"ZERO": 0, "TWO": 2, "SEVEN": 7}, basetype="<i2"))
    g.create_dataset("array", data=np.arange(24).reshape(2, 3, 4), dtype=np.dtype((">i4", (4,))).base, shape=(2, 3, 4))
    t = h5py.h5t.array_create(h5py.h5t.STD_I16BE, (2, 2))
    d = h5py.h5d.create(g.id, b"arraytype", t, h5py.h5s.create_simple((3,)))
    d.write(h5py.h5s.ALL, h5py.h5s.ALL, np.arange(12, dtype=">i2").reshape(3, 2, 2), mtype=t)
    g["empty"] = np.zeros((0, 3), "f4")
    g["null"] = h5py.Empty("f4")
    g["named"] = np.dtype("<i4")
    g.create_dataset("of_named", data=[5, 6], dtype=g["named"])


def strings(g):
    g["scalar"] = "NIRGraph"
    g["unicode"] = "Grüße, 神経"
    g["none"] = ""
    g.create_dataset("edges", data=[["input", "0"], ["0", "output"], ["", "a" * 300]], dtype=text)
    g["fixed"] = np.array([b"ab", b"abcdef", b""], "S6")
    for name, pad in (("term", h5py.h5t.STR_NULLTERM), ("space", h5py.h5t.STR_SPACEPAD)):
        t = h5py.h5t.C_S1.copy()
        t.set_size(5)
        t.set_strpad(pad)
        d = h5py.h5d.create(g.id, name.encode(), t, h5py.h5s.create_simple((2,)))
        d.write(h5py.h5s.ALL, h5py.h5s.ALL, np.array([b"xy", b"wxyz"], "S5"))
    g.create_dataset("chunks", data=[f"s{i}" * (i % 5) for i in range(40)], dtype=text, chunks=(7,), compression="gzip")


def chunks(g):
    a = np.arange(19 * 11, dtype="<i2").reshape(19, 11)
    for name, options in {
        "plain": {}, "gzip": {"compression": "gzip"}, "shuffle": {"compression": "gzip", "shuffle": True},
        "fletcher": {"fletcher32": True}, "all": {"compression": "gzip", "shuffle": True, "fletcher32": True},
    }.items():
        g.create_dataset(name, data=a, chunks=(8, 4), **options)
    g.create_dataset("odd", data=np.arange(21, dtype="u1"), chunks=(7,), fletcher32=True)
    g.create_dataset("many", data=np.arange(150, dtype="u1"), chunks=(1,))
    g.create_dataset("cube", data=np.arange(5 * 6 * 7).reshape(5, 6, 7), chunks=(2, 4, 3), maxshape=(5, 12, None))
    d = g.create_dataset("holes", shape=(20, 4), dtype="<f4", chunks=(3, 4), fillvalue=-1.5, maxshape=(None, 4))
    d[7:9] = 2
    g.create_dataset("unwritten", shape=(5,), dtype="<i8", fillvalue=42)
    g.create_dataset("unwritten_chunks", shape=(5, 3), dtype=">i8", fillvalue=-42, chunks=(2, 2))
    dcpl = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    dcpl.set_chunk((8, 4))
    dcpl.set_alloc_time(h5py.h5d.ALLOC_TIME_EARLY)
    early = h5py.h5d.create(g.id, b"early", h5py.h5t.STD_I32LE, h5py.h5s.create_simple(a.shape), dcpl)
    early.write(h5py.h5s.ALL, h5py.h5s.ALL, a)
    dcpl = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    dcpl.set_layout(h5py.h5d.COMPACT)
    small = h5py.h5d.create(g.id, b"compact", h5py.h5t.STD_I32LE, h5py.h5s.create_simple((3,)), dcpl)
    small.write(h5py.h5s.ALL, h5py.h5s.ALL, np.array([1, 2, 3], "<i4"))


def indexes(g):
    """The indexes that only layout 4 has: fixed and extensible arrays, B-trees 2, none at all."""
    a = np.arange(19 * 11, dtype="<i2").reshape(19, 11)
    for name, options in {"plain": {}, "all": {"compression": "gzip", "shuffle": True, "fletcher32": True}}.items():
        g.create_dataset(name + "_one", data=a, chunks=a.shape, **options)
        g.create_dataset(name + "_rows", data=a, chunks=(8, 4), maxshape=(None, 11), **options)
        g.create_dataset(name + "_columns", data=a, chunks=(8, 4), maxshape=(35, None), **options)
        g.create_dataset(name + "_both", data=a, chunks=(8, 4), maxshape=(None, None), **options)
        g.create_dataset(name + "_bounded", data=a, chunks=(8, 4), maxshape=(40, 30), **options)
    many = np.arange(1100, dtype="<u2")
    g.create_dataset("many", data=many, chunks=(1,))
    g.create_dataset("many_rows", data=many[:300], chunks=(1,), maxshape=(None,))
    g.create_dataset("many_bounded", data=many[:20], chunks=(1,), maxshape=(1200,))
    g.create_dataset("many_both", data=many[:400].reshape(40, 10), chunks=(1, 1), maxshape=(None, None))
    g.create_dataset("many_gzip", data=many[:200], chunks=(2,), maxshape=(None,), compression="gzip")


def links(g):
    x = g.create_dataset("x", data=[3, 1, 2])
    members = g.create_group("members")
    for i in range(240):
        members[f"member_{i}"] = x
    nine = g.create_group("nine")
    for i in range(9):
        nine.create_group(f"g{i}")
    g["soft"] = h5py.SoftLink("/links/x")
    g["external"] = h5py.ExternalLink("other.h5", "/x")
    g["nine/back"] = g
    g.create_group("empty")


def attributes(g):
    g.attrs["int"] = 5
    g.attrs["text"] = "hello"
    g.attrs["texts"] = np.array(["a", "bc"], dtype=object)
    g.attrs["matrix"] = np.arange(6, dtype=">f4").reshape(2, 3)
    g.attrs["flag"] = True
    g.attrs["null"] = h5py.Empty("i4")
    many = g.create_dataset("many", data=1)
    for i in range(30):
        many.attrs[f"attribute_{i}"] = i * i
    for order in (False, True):
        ordered = g.create_group(f"ordered_{order}", track_order=order)
        for name in ("z", "a", "m"):
            ordered[name] = 1
            ordered.attrs[name] = name


def refused():
    """Features that are refused by name."""
    with h5py.File(os.path.join(here, "refused.h5"), "w", libver="latest") as f:
        a = np.arange(40, dtype="<i4")
        f.create_dataset("lzf", data=a, compression="lzf")
        f.create_dataset("scaleoffset", data=a, scaleoffset=4)
        f.create_dataset("compound", data=np.zeros(2, [("x", "<f4"), ("y", "<i8")]))
        f.create_dataset("sequence", shape=(2,), dtype=h5py.vlen_dtype("i4"))
        f.create_dataset("reference", data=f["lzf"].ref)
        f.create_dataset("external", shape=(3,), dtype="i4", external="refused.raw")
        layout = h5py.VirtualLayout(shape=(40,), dtype="i4")
        layout[:] = h5py.VirtualSource("other.h5", "x", shape=(40,))
        f.create_virtual_dataset("virtual", layout)
        f["odd"] = np.longdouble(1.5)
        f["half"] = 0.5
        f["big"] = np.uint64(2**63)
        f["precise"] = np.array([2**53, 2**53 + 1])
        f["nan"] = np.nan
        f["soft"] = h5py.SoftLink("/half")
        f["away"] = h5py.ExternalLink("other.h5", "/x")
        f["group/member"] = 1
        f["words"] = "two words"
        f.attrs["kept"] = 1


def kind(dtype):
    if h5py.check_string_dtype(dtype):
        return "string"
    return {"b": "bool", "i": "int", "u": "uint", "f": "float"}.get(dtype.kind, "other")


def plain(x):
    if isinstance(x, bytes):
        return x.decode()
    if isinstance(x, float) and (x != x or x in (np.inf, -np.inf)):
        return str(x)
    return x


def describe(v, dtype):
    if isinstance(v, h5py.Empty):
        return {"kind": {"f": "float", "i": "int"}[v.dtype.kind], "shape": [0], "values": []}
    a = np.asarray(v)
    base = dtype.subdtype[0] if dtype.subdtype else dtype
    values = [plain(x) for x in a.reshape(-1).tolist()]
    if len(values) > 3 and values == list(range(len(values))):
        values = {"range": len(values)}
    return {"kind": kind(base), "shape": list(a.shape), "values": values}


def expected(f):
    table = {}

    def visit(name, o):
        entry = {"attributes": {k: describe(o.attrs[k], h5py.h5a.open(o.id, k.encode()).dtype) for k in o.attrs}}
        if isinstance(o, h5py.Group):
            entry["kind"] = "group"
            entry["names"] = sorted(o.keys(), key=lambda k: k.encode())
        elif isinstance(o, h5py.Dataset):
            entry.update(describe(o[()], o.id.dtype))
        else:
            entry["kind"] = "type"
        table["/" + name] = entry

    visit("", f)
    f.visititems(visit)
    return table


def make(name, part, **options):
    path = os.path.join(here, name + ".h5")
    with h5py.File(path, "w", **options) as f:
        part(f.create_group(part.__name__))
    with h5py.File(path, "r") as f:
        text = json.dumps(expected(f), separators=(",", ":"), sort_keys=True, ensure_ascii=False)
    table = os.path.join(here, part.__name__ + ".json")
    if os.path.exists(table):
        assert text == open(table).read(), name
    with open(table, "w") as out:
        out.write(text)


for old in os.listdir(here):
    if old.endswith((".h5", ".json")):
        os.remove(os.path.join(here, old))
for version in ("earliest", "latest"):
    for part in (numbers, strings, chunks, links, attributes):
        make(f"{version}_{part.__name__}", part, libver=version)
make("latest_indexes", indexes, libver="latest")
make("userblock_strings", strings, userblock_size=1024)
refused()
