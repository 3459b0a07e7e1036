"""Counts the figures of communities again, from raw rows, and compares with what Louma said.

Shares no code with the program: written from the definitions alone, with the standard library only.
Usage: oracle.py DIR, where each folder of DIR holds tickets.csv, events.csv, scans.csv, holdings.csv, supports.csv,
neighbours.csv, incidents.csv, hotline_rows.csv, rest.json, and what was said: report-*.json and backlog-*.json.
Prints every difference and ends with 1 where there is one.

What a period is stands in periods.py, what rows mean in rows.py, each metric in counting.py.
"""

import json
import multiprocessing
import pathlib
import sys

import backlog
import report
from counting import Check
from rows import Data


def recount(folder):
    """How many figures of a community were compared, and which differ."""
    data, compared, wrong = Data(folder), 0, []
    for kind, verify in (("report", report.verify), ("backlog", backlog.verify)):
        for path in sorted(folder.glob(f"{kind}-*.json")):
            check = Check(f"{folder.name}/{path.stem}")
            verify(data, json.loads(path.read_text(encoding="utf-8")), check)
            compared += check.compared
            wrong += check.wrong
    return compared, wrong


def main():
    folders = sorted(path for path in pathlib.Path(sys.argv[1]).iterdir() if path.is_dir())
    with multiprocessing.Pool() as pool:
        done = pool.map(recount, folders, chunksize=4)
    compared, wrong = sum(each for each, _ in done), [line for _, lines in done for line in lines]
    print(f"{len(folders)} communities, {compared} figures compared, {len(wrong)} differ")
    for line in wrong[:40]:
        print(line)
    if not folders or not compared or wrong:
        sys.exit(1)


if __name__ == "__main__":
    main()
