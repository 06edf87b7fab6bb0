# SPDX-License-Identifier: Apache-2.0
"""The table of cpu_side_by_side.py, from its data alone: which pairs count, medians, spread, verdicts."""
import math
import statistics

import cpu_notes

DISTURBED = 0.95  # of the best that probes of its kind showed
FEWEST = 3  # undisturbed pairs that a row needs


def median_interval(values):
    """The narrowest pair of order statistics that holds the median with 95 %; None below six values."""
    n = len(values)
    if n < 6:
        return None
    ordered, below, k = sorted(values), 0.0, 0
    while below + math.comb(n, k) / 2 ** n <= 0.025:
        below += math.comb(n, k) / 2 ** n
        k += 1
    return ordered[k - 1], ordered[n - k]


def probe_of(data, row):
    """What the probes beside a row ran: rows with the same can be held against each other."""
    if row["binds"] == "own":
        return row["probe"]
    return data["versions"]["assay"][f"{row['dtype']}_probe"] if row["binds"] == "fma" else "read"


def high(rates):
    """What the machine reaches when left alone: of hundreds of short probes the very highest is luck, so of each
    twenty the highest is left out."""
    return sorted(rates)[int(0.95 * (len(rates) - 1))]


def best_probes(data, groups):
    best = {}
    for group in groups:
        rates = {}
        for row in group["rows"]:
            for pair in row["pairs"]:
                inside = [probe for piece in pair.get("slices", []) for probe in piece["probes"]]
                rates.setdefault(probe_of(data, row), []).extend(pair["probes"] + inside)
        for kind in rates:
            best[kind] = max(best.get(kind, 0), high(rates[kind]))
    return best


def kept(row, best):
    """The undisturbed pairs (of a row sliced within, slices), and how many there were."""
    limit = DISTURBED * best
    pairs = [piece for pair in row["pairs"] for piece in pair.get("slices", [pair])]
    return [pair for pair in pairs if min(pair["probes"]) >= limit], len(pairs)


def ratios(pairs):
    """How many times our speed theirs is ours: above 1 we are faster."""
    return [pair["seconds"][1] / pair["seconds"][0] for pair in pairs]


def shares(row, pairs, side=0, as_counted=False):
    """Of the ceiling that the probes around each pair show. Slices, which differ, add up to one figure.

    Ours is of the arithmetic that our kernels do, or of all that the network counts, as theirs always is."""
    key = "flops" if row["binds"] == "fma" else "bytes"
    if any("slices" in pair for pair in pairs):
        pairs = [piece for pair in pairs for piece in pair["slices"]]
    if pairs and key in pairs[0]:
        return [sum(piece[key] for piece in pairs) /
                sum(piece["seconds"] * statistics.mean(piece["probes"]) for piece in pairs)]
    saved = row.get("flops_saved", 0) if key == "flops" and side == 0 and not as_counted else 0
    return [(row[key] - saved) / pair["seconds"][side] / statistics.mean(pair["probes"]) for pair in pairs]


def spread(values, digits=2):
    """Median, and its interval (or the range, of few values)."""
    if not values:
        return "-"
    low, high = median_interval(values) or (min(values), max(values))
    return f"{statistics.median(values):.{digits}f} [{low:.{digits}f}, {high:.{digits}f}]"


def seconds_text(seconds):
    for unit, factor in (("s", 1), ("ms", 1e3), ("µs", 1e6)):
        if seconds * factor >= 1:
            return f"{seconds * factor:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def line(row):
    """For a terminal, while measuring; all pairs count here."""
    name = " ".join(str(row.get(key)) for key in ("what", "of", "shape", "dtype", "kernel"))
    if not row["pairs"]:
        return f"{name} against {row['peer']}: {row['unsupported']}"
    if "step_seconds" in row["pairs"][0]:
        return f"{name}: {spread(overhead(row['pairs']), 4)} of a step"
    text = f"{name}: {spread(shares(row, row['pairs']))} of the probe"
    if row["peer"]:
        text += f", {spread(ratios(row['pairs']))} times {row['peer']} ({row['peer_kernel']})"
    return text


class Kept:
    """Every row of every group, with the pairs that count."""

    def __init__(self, data):
        self.rows = []
        best = best_probes(data, data.get("groups", {}).values())
        for name, group in data.get("groups", {}).items():
            for row in group["rows"]:
                pairs, total = kept(row, best[probe_of(data, row)]) if row["pairs"] else ([], 0)
                undisturbed, quiet = len(pairs), len(pairs) >= FEWEST
                if not quiet:  # a machine that was never quiet: all pairs, and the table says so
                    pairs = [piece for pair in row["pairs"] for piece in pair.get("slices", [pair])]
                self.rows.append({**row, "group": name, "kept": pairs, "total": total, "quiet": quiet,
                                  "undisturbed": undisturbed})

    def of(self, what, peer=..., dtype=None):
        return [row for row in self.rows if row["what"] == what and row["kept"] and
                (peer is ... or row["peer"] == peer) and (dtype is None or row["dtype"] == dtype)]


def times(row):
    if row["what"].endswith("-slices"):
        return seconds_text(statistics.median(pair["seconds"][0] for pair in row["pairs"])), ""
    ours = statistics.median(pair["seconds"][0] for pair in row["kept"])
    if row["peer"] is None:
        return seconds_text(ours), ""
    return seconds_text(ours), seconds_text(statistics.median(pair["seconds"][1] for pair in row["kept"]))


def peer_text(row):
    return f"{row['peer']}, {row['peer_kernel']}" + (" (1)" if row.get("note") else "")


def rows_table(rows, what):
    columns = ["dtype", "model", "shape", "our kernel", "our time", "of probe", "peer", "its time",
               "of probe", "ours is faster by", "pairs kept"]
    lines = ["| " + " | ".join(columns) + " |", "|---" * len(columns) + "|"]
    for row in (row for row in rows if row["what"] in (what, what + "-slices")):
        start = f"| {row['dtype']} | {row['of']} | {row['shape']} | {row['kernel']} |"
        if not row["kept"]:
            lines.append(f"{start} | | {row['peer']} | | | {row['unsupported']} | |")
            continue
        ours, theirs = times(row)
        our_share = spread(shares(row, row["kept"])) if row.get("ceiling", True) else ""
        peer_share = spread(shares(row, row["kept"], 1)) if row["peer"] and row.get("ceiling", True) else ""
        ratio = spread(ratios(row["kept"])) if row["peer"] else ""
        lines.append(f"{start} {ours} | {our_share} | "
                     f"{peer_text(row) if row['peer'] else ''} | {theirs} | {peer_share} | {ratio} | "
                     f"{row['undisturbed']} of {row['total']}{'' if row['quiet'] else ' (2)'} |")
    return lines


class Figures(list):
    undecided = False  # taken on a disturbed machine alone
    left_out = 0       # shapes that were, beside others that were not


def share_of(kept_rows, what, dtype):
    """A figure a shape, of undisturbed pairs; of all where none is, which decides nothing."""
    rows = kept_rows.of(what + "-slices", dtype=dtype) or kept_rows.of(what, dtype=dtype)
    quiet, seen = [row for row in rows if row["quiet"]], {}
    for row in quiet or rows:
        seen.setdefault(row["shape"], []).extend(shares(row, row["kept"]))
    figures = Figures(statistics.median(values) for values in seen.values())
    figures.undecided = bool(rows) and not quiet
    figures.left_out = len({row["shape"] for row in rows}) - len(seen)
    return figures


def ratio_of(kept_rows, what, peer, dtype):
    return [statistics.median(ratios(row["kept"])) for row in kept_rows.of(what, peer, dtype)]


def overhead(pairs):
    return [pair["seconds"][0] / pair["step_seconds"] for pair in pairs]


def wall(kept_rows, what):
    return [statistics.median(pair["seconds"][0] for pair in row["kept"]) * 1e3 for row in kept_rows.of(what)]


def targets(kept_rows):
    """(key, target, bound, at most?, unit, values)"""
    for dtype in ("bf16", "f32"):
        yield (f"matmul-onednn-{dtype}", f"matmul {dtype}, of raw oneDNN", 0.97, False,
               ratio_of(kept_rows, "matmul", "oneDNN", dtype))
        yield (f"matmul-probe-{dtype}", f"matmul {dtype}, of the FMA probe", 0.92, False,
               share_of(kept_rows, "matmul", dtype))
    for dtype in ("bf16", "f32"):
        yield (f"matvec-probe-{dtype}", f"matrix-vector product {dtype}, of the read probe", 0.92, False,
               share_of(kept_rows, "matvec", dtype))
    for what, bound, probe, dtypes in (("prefill", 0.85, "FMA", ("bf16", "f32")),
                                       ("decode", 0.90, "read", ("bf16",))):
        for dtype in dtypes:
            yield (f"{what}-probe-{dtype}", f"{what} {dtype}, of the {probe} probe, end to end", bound, False,
                   share_of(kept_rows, what, dtype))
            for peer in ("torch", "llama.cpp"):
                yield (f"{what}-{peer}-{dtype}", f"{what} {dtype}, times {peer}'s speed", 1.0, False,
                       ratio_of(kept_rows, what, peer, dtype))
    yield ("overhead", "scheduling, sampling and bookkeeping, of a decode step", 0.02, True,
           [statistics.median(overhead(row["kept"])) for row in kept_rows.of("overhead")])
    yield "inspect", "`assay inspect`, ms", 50, True, wall(kept_rows, "inspect")
    yield "help", "`assay --help`, ms", 20, True, wall(kept_rows, "help")


def targets_table(kept_rows, targets=targets):
    lines = ["| target | bound | figure | verdict |", "|---|---|---|---|"]
    explained = []  # missed or undecided: says why
    for key, text, bound, at_most, values in targets(kept_rows):
        sign = "<=" if at_most else ">="
        if not values:
            lines.append(f"| {text} | {sign} {bound:g} | - | not measured |")
            continue
        reached = [value <= bound if at_most else value >= bound for value in values]
        verdict = "met"
        undecided = getattr(values, "undecided", False)
        if undecided or not all(reached):
            explained.append(key)
        if undecided:
            verdict = "undecided: the machine was disturbed throughout"
        elif not all(reached):
            verdict = "**missed**"
        figure = f"{values[0]:.3g}"
        if len(values) > 1:
            figure = f"{min(values):.3g} to {max(values):.3g}, median {statistics.median(values):.3g}"
            if not verdict.startswith("undecided"):
                verdict += f" on {reached.count(all(reached))} of {len(values)} shapes"
        if getattr(values, "left_out", 0):
            verdict += f"; {values.left_out} more shapes undecided"
        lines.append(f"| {text} | {sign} {bound:g} | {figure} | {verdict} |")
    return lines, explained


def environment(data, peers=("torch", "llama.cpp")):
    ours = data["versions"]["assay"]
    properties = "; ".join(f"{name} {value}" for name, value in ours["properties"].items())
    lines = [f"- Machine: {ours['device']}, {ours['threads']} threads, "
             f"{ours['memory_bytes'] / 2 ** 30:.1f} GiB, last-level cache {ours['cache_bytes'] / 2 ** 20:.0f} MiB; {properties}",
             f"- oneDNN {ours['onednn']}; FMA probe: bf16 by {ours['bf16_probe']}, f32 by {ours['f32_probe']}"]
    for name in peers:
        if "onednn" in data["versions"].get(name, {}):  # a build of ours
            lines.append(f"- {name}: {data['versions'][name]['onednn']}, the same sources")
        elif name in data["versions"]:
            lines.append(f"- {name}: " + ", ".join(f"{k} {v}" for k, v in data["versions"][name].items()))
        else:
            lines.append(f"- {name}: not there")
    for name, group in data.get("groups", {}).items():
        probes = ", ".join(f"{kind} {rate / 1e9:.1f} {'GB/s' if 'read' in kind else 'GFLOP/s'}"
                           for kind, rate in best_probes(data, [group]).items())
        lines.append(f"- {name}: measured {group['measured_at']} at {group['revision']}, {group['threads']} "
                     f"threads; best probe {probes}")
    return lines


HEADINGS = (("matmul", "Matrix product, 512 rows"), ("matvec", "Matrix-vector product, weights from memory"),
            ("prefill", "Prefill, end to end, sampling included"),
            ("decode", "Decode, end to end, sampling included"))


def disturbance(kept_rows):
    if all(row["quiet"] for row in kept_rows.rows if row["pairs"]):
        return []
    return [f"(2) Fewer than {FEWEST} pairs were undisturbed: all of them stand here, and the share of the probe is "
            "uncertain; the ratio of the two sides, taken in turn, much less so."]


def counted(kept_rows):
    total = sum(row["total"] for row in kept_rows.rows)
    disturbed = sum(row["total"] - row["undisturbed"] for row in kept_rows.rows)
    return (f"- {total} pairs and slices measured, {disturbed} of them disturbed: a probe beside them was "
            f"below {DISTURBED:.0%} of the best of its kind")


def explanations(kept_rows, targets, misses, explained):
    texts = {key: text for key, text, *_ in targets(kept_rows)}
    whys = {key: next((note for prefix, note in misses.items() if key.startswith(prefix)), None)
            for key in explained}
    return [f"- **{texts[key]}**: {why or 'not looked into yet.'}" for key, why in whys.items()]


def render(data):
    kept_rows = Kept(data)
    table, explained = targets_table(kept_rows)
    lines = ["# CPU: assay beside its peers", "", cpu_notes.INTRODUCTION, "", "## Targets", "", *table, ""]
    lines += explanations(kept_rows, targets, cpu_notes.MISSES, explained)
    for what, heading in HEADINGS:
        if any(row["what"] == what for row in kept_rows.rows):
            lines += ["", f"## {heading}", "", *rows_table(kept_rows.rows, what)]
    notes = sorted({row["note"] for row in kept_rows.rows if row.get("note")})
    lines += ["", *(f"(1) {note}" for note in notes), *disturbance(kept_rows)]
    lines += ["", "## Where and how", "", *environment(data), counted(kept_rows), "", cpu_notes.METHOD, ""]
    return "\n".join(lines)
