"""Time from a product list to a quote, for lists of 100 to 10,000 leaves.

Prints seconds of CPU per list and, as a baseline measured in the same run, the time that reading
the same list as JSON takes. The aim: a list of 10,000 leaves, read and resolved, in at most 1 s.
"""

from __future__ import annotations

import copy
import gc
import json
import sys
import time
from typing import Any

from ima_skills import Request, load_plugins, load_registry
from ima_skills.catalogue import read_catalogue
from ima_skills.preparing import Preparer
from ima_skills.schemas import open_schemas

TASK_TYPE = "text_to_video"
SIZES = (100, 1_000, 10_000)
RUNS = 3


def big_list(groups: list[dict[str, Any]], size: int) -> str:
    """Return a product list with ``size`` leaves as JSON text; the leaves are real, their ids vary."""
    leaves = [leaf for group in groups for leaf in group["children"]]
    made = []
    for number in range(size):
        leaf = copy.deepcopy(leaves[number % len(leaves)])
        if number >= len(leaves):
            leaf["id"] = leaf["model_id"] = f"{leaf['model_id']}-{number}"
        made.append(leaf)
    return json.dumps([{"id": "all", "type": "2", "children": made}])


def main() -> int:
    """Measure and print."""
    registry = load_registry()
    preparer = Preparer(registry, load_plugins(third_party=False), open_schemas())
    wish = preparer.check(Request(TASK_TYPE, "waves", params={"duration": 10, "resolution": "720p"}))
    groups = registry.snapshot.groups(TASK_TYPE)
    preparer.build(wish, read_catalogue(TASK_TYPE, groups))
    before = None
    for size in SIZES:
        text = big_list(groups, size)
        parse = resolve = float("inf")
        for _ in range(RUNS):
            gc.collect()
            started = time.process_time()
            nodes = json.loads(text)
            parsed = time.process_time()
            prepared = preparer.build(wish, read_catalogue(TASK_TYPE, nodes))
            parse = min(parse, parsed - started)
            resolve = min(resolve, time.process_time() - parsed)
        if prepared.quote.total != 50:  # noqa: PLR2004 - the price of Wan 2.6, 10 s, 720P
            return 1
        growth = f", growth {resolve / before:.1f}x" if before else ""
        print(
            f"{size:>6} leaves ({len(text) >> 10} KiB): json {parse:.3f} s, read + resolve {resolve:.3f} s"
            f" = {resolve / parse:.1f}x json{growth}"
        )
        before = resolve
    return 0


if __name__ == "__main__":
    sys.exit(main())
