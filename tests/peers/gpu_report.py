# SPDX-License-Identifier: Apache-2.0
"""The GPU side by side as Markdown, from its document."""

METHOD = {
    "stages": [
        "Rounds by turns, order swapped each round (ABBA); one side uses the device at a time.",
        "assay: a fresh process a turn, with kernels chosen once. PyTorch: a process that stays; its recording too.",
        "Both: stages recorded as graphs; replays and events enqueued before the device begins; passes as assay's "
        "(prefill once, then each decode step); warm.",
        "PyTorch's decode stays at the mean context of a pass; assay's runs through all of them.",
        "Layers of decoders are compiled one by one; normalisations of ResNets are folded; f32 is no TF32.",
        "PyTorch / assay above 1: assay took less time. Median of the rounds' ratios, smallest to largest, and the "
        "95 % interval over four rounds or more.",
        "A/A: a side over itself, each round over the one before. What is within it is noise (wanted: 1.000 +- 0.005).",
        "Clocks: of the multiprocessors, assay's as its meter or NVML has them, PyTorch's under the same work."],
    "ops": [
        "Ops cold: the device reads three second-level caches' worth, then event, replay, event; all enqueued ahead.",
        "assay's figures of ops are those of the result given: these two are not by turns."]}


def micro(seconds):
    return f"{seconds * 1e6:,.1f}"


def ratio(found):
    if not found:
        return "-"
    text = f"**{found['median']:.3f}**"
    if found["n"] > 1:
        text += f" ({found['smallest']:.3f} to {found['largest']:.3f})"
    return text


def plain(found):
    return ratio(found).replace("**", "")


def interval(found):
    return "{:.3f} to {:.3f}".format(*found["ci95"]) if found and found["ci95"] else "-"


def clocks(row):
    sides = [[each[f"{side}_mhz"] for each in row["rounds"] if each.get(f"{side}_mhz")] for side in ("assay", "torch")]
    return " / ".join(f"{min(side):.0f}-{max(side):.0f}" if side else "-" for side in sides)


def table(head, rows, texts=2):
    yield "| " + " | ".join(head) + " |"
    yield "|" + "|".join("---" if i < texts else "--:" for i in range(len(head))) + "|"
    for cells in rows:
        yield "| " + " | ".join(str(cell) for cell in cells) + " |"
    yield ""


def stage_tables(rows):
    yield from table(
        ["case", "stage", "assay, µs", "PyTorch, µs", "PyTorch / assay", "95 %", "rounds"],
        ([row["case"], row["stage"], micro(row["assay"]["median_s"]), micro(row["torch"]["median_s"]),
          ratio(row["torch_over_assay"]), interval(row["torch_over_assay"]), row["torch_over_assay"]["n"]]
         for row in rows))
    yield "## Noise\n"
    yield from table(
        ["case", "stage", "A/A assay", "A/A PyTorch", "MHz assay / PyTorch", "turns begun early"],
        ([row["case"], row["stage"], *(plain(row["noise"] and row["noise"][side]) for side in ("assay", "torch")),
          clocks(row), sum(each.get("late", 0) for each in row["rounds"])] for row in rows))


def compile_table(rows):
    yield "## Compiling\n"
    yield from table(["case", "stage", "first call, s"],
                     ([row["case"], row["stage"], f"{row['compile_s']:.1f}"] for row in rows))


def op_table(rows):
    yield "## Ops\n"
    yield from table(
        ["case", "op", "shape", "calls", "kernel", "assay, µs", "PyTorch, µs", "p10 to p90", "PyTorch / assay"],
        ([row["case"] + " " + row["stage"], row["name"], row["shape"], row["calls"], row["kernel"],
          micro(row["assay"]["median_s"]), micro(row["torch"]["median_s"]),
          f"{micro(row['torch']['p10_s'])} to {micro(row['torch']['p90_s'])}", ratio(row["torch_over_assay"])]
         for row in rows), texts=3)


def without_table(rows):
    yield "## Without a ratio\n"
    cells = []
    for row in rows:
        what = row["stage"] if row["what"] == "stage" else f"{row['stage']}: {row['name']}"
        cells.append([row["case"], what, row["reason"]])
    yield from table(["case", "what", "reason"], cells, texts=3)


def lines(document):
    versions = document["versions"]
    yield f"# assay beside PyTorch {versions.get('torch', '?')} ({document['mode']}) on {document['device']}\n"
    ratios = {what: [row for row in document["rows"] if row["torch_over_assay"] and row["what"] == what]
              for what in ("stage", "op")}
    for what, section in (("stage", "stages"), ("op", "ops")):
        if any(row["what"] == what for row in document["rows"]):
            yield from (f"- {line}" for line in METHOD[section])
    if document["device"] == "cpu":
        yield "- A rehearsal without a GPU: its figures say nothing."
    yield f"- Versions: {', '.join(f'{name} {value}' for name, value in versions.items() if value)}."
    yield f"- {document['ended']}\n"
    if ratios["stage"]:
        yield "## Stages\n"
        yield from stage_tables(ratios["stage"])
    compiled = [row for row in document["rows"] if row["compile_s"]]
    if compiled:
        yield from compile_table(compiled)
    if ratios["op"]:
        yield from op_table(ratios["op"])
    without = [row for row in document["rows"] if not row["torch_over_assay"]]
    if without:
        yield from without_table(without)


def render(document):
    return "\n".join(lines(document))
