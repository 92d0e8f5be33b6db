#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""dumps.py KWCHECK FOLDER COUNT [SEED]: damages each dump in FOLDER, which test-dumps.sh
made, COUNT times, and asks KWCHECK, a build with sanitizers, about symbols.

What is damaged is what describes the memory: headers, notes, bitmaps, descriptors, records,
chunks with a sum, whole files that are compressed with one; and every form is cut off. The
memory's own bytes are left alone where nothing tells that they are others: what they say is
another kernel. So a verdict may become unknown, or be gone with a line that says why; never
another one. No crash, no finding of a sanitizer, no answer after two minutes of CPU.

A line "ok FORM" or "not ok FORM: seed SEED, DAMAGE" each.
"""
import os
import random
import resource
import shutil
import struct
import subprocess
import sys

PAGE = 4096
# Of CPU, and of a machine that is busy with other things.
CPU_SECONDS, SECONDS = 120, 1200
NR_NAMES = 250
# What may be in the way of an answer to one symbol is a verdict or a line on stderr.
STATUSES = {0, 1, 2, 3, 64}


def number(data, at, size):
    return int.from_bytes(data[at:at + size], "little")


def elf_heads(file):
    head = file.read(64)
    offset, size, nr = number(head, 32, 8), number(head, 54, 2), number(head, 56, 2)
    sections, section_size = number(head, 40, 8), number(head, 58, 2)
    areas = [(0, 64)]
    if sections:
        areas.append((sections, section_size * max(1, number(head, 60, 2))))
    if nr == 0xffff:
        file.seek(sections + 44)
        nr = number(file.read(4), 0, 4)
    if nr == 0:
        return areas + xen_tables(file, sections, section_size, number(head, 60, 2))
    areas.append((offset, size * nr))
    for i in range(min(nr, 64)):
        file.seek(offset + i * size)
        entry = file.read(size)
        if number(entry, 0, 4) == 4:  # PT_NOTE
            areas.append((number(entry, 8, 8), number(entry, 32, 8)))
    return areas


def xen_tables(file, sections, size, nr):
    """Its last section: the numbers of the pages."""
    file.seek(sections + (nr - 1) * size)
    entry = file.read(size)
    return [(number(entry, 24, 8), number(entry, 32, 8))]


def kdump_heads(file):
    head = file.read(PAGE)
    bitmaps = (1 + number(head, 432, 4)) * PAGE
    nr_bitmap = number(head, 436, 4) * PAGE
    file.seek(bitmaps + nr_bitmap // 2)
    pages = bin(int.from_bytes(file.read(nr_bitmap // 2), "little")).count("1")
    descriptors = bitmaps + nr_bitmap
    file.seek(PAGE)
    sub = file.read(104)
    if number(sub, 12, 4):  # a part of a split dump has the frames from ... to ...
        first, end = number(sub, 80, 8), number(sub, 88, 8)
        file.seek(bitmaps + nr_bitmap // 2 + first // 8)
        pages = bin(int.from_bytes(file.read((end - first) // 8), "little")).count("1")
    return [(0, 464), (PAGE, 104), (number(sub, 48, 8), number(sub, 56, 8)),
            (bitmaps, nr_bitmap), (descriptors, pages * 24)]


def flat_heads(file):
    areas, at = [(0, 32)], PAGE
    while True:
        file.seek(at)
        record = file.read(16)
        if len(record) < 16 or record[:8] == b"\xff" * 8:
            return areas + [(at, 16)]
        areas.append((at, 16))
        at += 16 + int.from_bytes(record[8:], "big")


def lime_heads(file):
    areas, at = [], 0
    while True:
        file.seek(at)
        head = file.read(32)
        if len(head) < 32:
            return areas
        areas.append((at, 32))
        at += 32 + number(head, 16, 8) - number(head, 8, 8) + 1


def state_heads(file):
    """Up to the memory, where it is inside."""
    head = file.read(PAGE)
    at = head.find(b"Memory")
    return [(0, min(len(head), at + 34 if at > 0 else PAGE))]


def heads(path):
    """What of the file describes the memory: a list of offsets and sizes."""
    size = os.path.getsize(path)
    with open(path, "rb") as file:
        magic = file.read(16)
        file.seek(0)
        if magic[:4] == b"\x7fELF":
            return elf_heads(file)
        if magic[:8] == b"KDUMP   ":
            return kdump_heads(file)
        if magic[:12] == b"makedumpfile":
            return flat_heads(file)
        if magic[:4] == b"EMiL":
            return lime_heads(file)
        if magic[:4] == b"\xd2\xbe\xd2\xbe":
            return state_heads(file)
        if magic[:4] == b"AVML" or magic[:2] == b"\x1f\x8b" or \
                magic[:6] == b"\xfd7zXZ\0" or magic[:4] == b"\x28\xb5\x2f\xfd":
            return [(0, size)]
    return []  # raw memory


def place(rng, areas):
    """A byte of one of the areas, each as likely: small ones are not missed."""
    at, size = rng.choice(areas)
    near = min(size, rng.choice((64, PAGE, size)))
    return at + rng.randrange(max(1, near if rng.random() < .5 else size))


def change(rng, path, areas):
    """Damages the file in place; returns what undoes it, and its description."""
    at = place(rng, areas)
    with open(path, "r+b") as file:
        file.seek(at)
        kind = rng.randrange(6)
        old = file.read(1 if kind < 2 else 8 if kind < 5 else rng.randrange(1, 600))
        if not old:
            return (at, b""), "nothing"
        if kind < 2:
            new = bytes([old[0] ^ 1 << rng.randrange(8)])
        elif kind == 2:
            value = number(old, 0, len(old)) + rng.choice((1, -1, PAGE, -PAGE, 8, -24))
            new = (value % (1 << 8 * len(old))).to_bytes(len(old), "little")
        elif kind < 5:
            new = rng.choice((b"\xff", b"\0", b"\x7f", rng.randbytes(1))) * len(old)
        else:
            new = b"\0" * len(old)
        file.seek(at)
        file.write(new)
    return (at, old), f"{len(new)} bytes at {at}"


def undo(path, undoing):
    at, old = undoing
    with open(path, "r+b") as file:
        file.seek(at)
        file.write(old)


def limit():
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 5))


class Dump:
    """One dump: the files that are given, those that may be damaged."""

    def __init__(self, kwcheck, folder, form, files, damaged=None):
        self.kwcheck, self.form = kwcheck, form
        self.files = [os.path.join(folder, name) for name in files]
        self.damaged = [os.path.join(folder, name) for name in damaged or files]
        self.names = os.path.join(folder, "names.sample")

    def ask(self, files):
        command = [self.kwcheck, "check", "--no-aliases", "@" + self.names]
        command += ["--core=" + file for file in files]
        try:
            done = subprocess.run(command, capture_output=True, timeout=SECONDS, check=False,
                                  stdin=subprocess.DEVNULL, preexec_fn=limit)
        except subprocess.TimeoutExpired:
            return "hangs", set(), ""
        said = done.stderr.decode("utf-8", "replace")
        lines = {line for line in done.stdout.decode("utf-8", "replace").splitlines()
                 if line and not line.startswith("  ")}
        if done.returncode not in STATUSES or "ERROR: " in said or "runtime error" in said:
            return f"status {done.returncode}: {said[:3000]}", lines, said
        if done.returncode in (2, 64) and not lines and not said:
            return "no answer and no word", lines, said
        return None, lines, said

    def judge(self, seed, what, files, reference):
        why, lines, _ = self.ask(files)
        other = [line for line in lines - reference if not line.endswith(" unknown")
                 and "symbols have this name" not in line]
        if not why and other:
            why = f"{len(other)} other verdicts: {other[:3]}"
        if why:
            print(f"not ok {self.form}: seed {seed}, {what}: {why}", flush=True)
        return why is None, len(lines & reference), len(lines)

    def cut(self, rng, path, areas):
        """A copy that ends early, and where."""
        size = os.path.getsize(path)
        end = place(rng, areas) if areas and rng.random() < .5 else rng.randrange(size)
        copy = path + ".cut" + (".vmem" if path.endswith(".vmem") else "")
        subprocess.run(["head", "-c", str(end), path], stdout=open(copy, "wb"), check=True)
        return copy, end

    def damage(self, seed, reference):
        rng = random.Random(f"{self.form} {seed}")
        path = rng.choice(self.damaged)
        areas = [area for area in heads(path) if area[1] > 0]
        if areas and rng.random() < .8:
            undoing, what = change(rng, path, areas)
            try:
                return self.judge(seed, f"{what} of {os.path.basename(path)}", self.files,
                                  reference)
            finally:
                undo(path, undoing)
        copy, end = self.cut(rng, path, areas)
        try:
            if path.endswith(".vmem"):
                shutil.copy(path[:-4] + "vmss", copy[:-4] + "vmss")
            files = [copy if file == path else file for file in self.files]
            return self.judge(seed, f"{os.path.basename(path)} cut at {end}", files, reference)
        finally:
            for file in {copy, copy[:-4] + "vmss"} if path.endswith(".vmem") else {copy}:
                os.remove(file)

    def run(self, first, count):
        why, reference, said = self.ask(self.files)
        if why or not reference:
            print(f"not ok {self.form}: undamaged: {why or said}")
            return False
        good = whole = some = 0
        for seed in range(first, first + count):
            is_good, same, lines = self.damage(seed, reference)
            good += is_good
            whole += same == len(reference)
            some += lines > 0
        if good == count:
            print(f"ok {self.form}: damaged {count} times: {some} answers, {whole} of them the "
                  f"whole, {count - some} refused", flush=True)
        return good == count


def sample(folder):
    with open(os.path.join(folder, "names"), encoding="utf-8") as file:
        names = file.read().splitlines()
    with open(os.path.join(folder, "names.sample"), "w", encoding="utf-8") as file:
        file.write("\n".join(names[::len(names) // NR_NAMES]) + "\n")


def pack(folder):
    for program, ending in (("gzip", "gz"), ("xz", "xz"), ("zstd", "zst")):
        with open(os.path.join(folder, "none" if program == "zstd" else "flat"), "rb") as of, \
                open(os.path.join(folder, "packed." + ending), "wb") as to:
            subprocess.run([program, "-1", "-c"], stdin=of, stdout=to, check=True,
                           stderr=subprocess.DEVNULL)


def main():
    kwcheck, folder, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
    first = int(sys.argv[4]) if len(sys.argv) > 4 else 1
    os.environ["ASAN_OPTIONS"] = "allocator_may_return_null=1:detect_leaks=1"
    os.environ["UBSAN_OPTIONS"] = "print_stacktrace=1"
    sample(folder)
    pack(folder)
    dumps = [Dump(kwcheck, folder, name, [name]) for name in (
        "plain", "paging", "vmcore", "elf31", "qemu-zlib", "none", "zlib", "lzo", "snappy",
        "zstd", "flat", "flatelf", "lime", "avml", "xen", "vmsn", "raw", "packed.gz",
        "packed.xz", "packed.zst") if os.path.exists(os.path.join(folder, name))]
    dumps.append(Dump(kwcheck, folder, "split", ["split1", "split2"]))
    dumps.append(Dump(kwcheck, folder, "vmem", ["vmem.vmem"], ["vmem.vmem", "vmem.vmss"]))
    sys.exit(0 if all([dump.run(first, count) for dump in dumps]) else 1)


main()
