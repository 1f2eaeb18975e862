#!/usr/bin/env python3
"""Regenerates packages/sabok/golden. Run with Debian's python3 (torch 1.13.1, torchvision 0.14.1):

    /usr/bin/python3 tools/golden/make.py                  everything
    /usr/bin/python3 tools/golden/make.py ops fixtures     only these rooms
    /usr/bin/python3 tools/golden/make.py --out /tmp/g     elsewhere, to compare: diff -r /tmp/g packages/sabok/golden
    /usr/bin/python3 tools/golden/make.py --verify ops     also check every gradient by finite differences
"""

import argparse
import importlib
import os
import sys
import time

sys.dont_write_bytecode = True

import common

ROOMS = {"models": "models", "trainStep": "train_step", "ops": "ops", "fixtures": "fixtures", "transfer": "transfer", "tflite": "tflite"}

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("rooms", nargs="*", metavar="room", help=f"any of {', '.join(ROOMS)}; default all")
parser.add_argument("--out", default=common.OUT)
parser.add_argument("--verify", action="store_true")
args = parser.parse_args()
unknown = [r for r in args.rooms if r not in ROOMS]
if unknown:
    parser.error(f"unknown room {unknown[0]}; there are {', '.join(ROOMS)}")

common.OUT = os.path.abspath(args.out)
common.VERIFY = args.verify
for room in args.rooms or ROOMS:
    began = time.time()
    print(room, flush=True)
    importlib.import_module(ROOMS[room]).make()
    print(f"  {time.time() - began:.1f} s", flush=True)
size = sum(os.path.getsize(os.path.join(d, f)) for d, _, fs in os.walk(common.OUT) for f in fs)
print(f"{size / 1e6:.2f} MB in {common.OUT}", file=sys.stderr)
