"""The barriers of <assay/bench.h> in the code that compilers make: what must stay in the loop stays, and the loop
adds nothing but a counter. Every compiler that is here, at -O2, -O3 and with link-time optimisation; C and C++."""
import os
import re
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "cli"))
from tap import check, done, skip  # noqa: E402

INCLUDE, LIBRARY = os.environ["ASSAY_INCLUDE"], os.environ["ASSAY_LIBRARY"]

# Each function with what must be seen between the loop's labels: `multiply` would be folded into a constant or
# hoisted, `fill` dropped as a dead store, `load` made once before it, `call` dropped as pure, `sum` computed at compile time.
SOURCE = """
#include <assay/bench.h>
typedef struct { double x, y; } Pair;
__attribute__((noinline, const)) int pure_call(int x) { __asm__(""); return x * 7; }
ASSAY_BENCH(multiply) { long v = 12345; ASSAY_LOOP(b) { assay_hide(v); assay_keep(v * 991); } }
ASSAY_BENCH(fill) { char buf[4]; ASSAY_LOOP(b) { buf[0] = 77; assay_keep(&buf[0]); } }
ASSAY_BENCH(load) { int own = 5, *p = &own; assay_hide(p); ASSAY_LOOP(b) { assay_clobber(); assay_keep(*p); } }
ASSAY_BENCH(call) { int v = 3; ASSAY_LOOP(b) { assay_hide(v); assay_keep(pure_call(v)); } }
ASSAY_BENCH(floats) { double v = 1.5; ASSAY_LOOP(b) { assay_hide(v); assay_keep(v / 3.0); } }
ASSAY_BENCH(structs) { Pair p = { 1, 2 }; ASSAY_LOOP(b) { assay_hide(p.x); Pair q = { p.x * 2.5, p.y }; assay_keep(q); } }
ASSAY_BENCH(empty) { ASSAY_LOOP(b) { __asm__ volatile("nop"); } }
ASSAY_MAIN
"""
MUST = {"multiply": r"\bimul", "fill": r"movb\s+\$0x4d", "load": r"mov\S*\s+\(%\w+\),",
        "call": r"call.*pure_call", "floats": r"\bdivsd|\bvdivsd", "structs": r"\bmulsd|\bmulpd|\bvmulsd", "empty": r"\bnop\b"}
BUILDS = [(c, lang, flags) for c, lang in (("gcc", "c"), ("clang-14", "c"), ("clang", "c"), ("g++", "c++"), ("clang++-14", "c++"))
          for flags in (["-O2"], ["-O3"], ["-O2", "-flto"])]


def build(folder, compiler, lang, flags):
    source = os.path.join(folder, "b.c" if lang == "c" else "b.cc")
    with open(source, "w") as f:
        f.write(SOURCE)
    program = os.path.join(folder, "b")
    std = "-std=c99" if lang == "c" else "-std=c++11"
    warn = ["-Wall", "-Wextra", "-Werror", "-pedantic"]
    extra = ["-fuse-ld=lld-14" if shutil.which("ld.lld-14") else "-fuse-ld=lld"] if "-flto" in flags and compiler.startswith("clang") else []
    r = subprocess.run([compiler, std, *warn, *flags, *extra, f"-I{INCLUDE}", source, LIBRARY, "-lpthread", "-o", program],
                       capture_output=True, text=True)
    return program, r


def functions(program):
    """Disassembly by function name (C++ names hold the C one)."""
    text = subprocess.run(["objdump", "-d", "--no-show-raw-insn", program], capture_output=True, text=True).stdout
    out = {}
    for m in re.finditer(r"^[0-9a-f]+ <([^>]+)>:\n((?: .*\n)+)", text, re.M):
        out[m.group(1)] = m.group(2)
    return out


def find(all_functions, name):
    for full, code in all_functions.items():
        if full == name or re.fullmatch(rf"_ZL\d+{name}P10AssayBench(\.\w+)*|{name}\.[\w.]+", full):
            return code
    return ""


def inner_loop(code):
    """Instructions of the shortest backward jump: the timed loop."""
    lines = [(int(m.group(1), 16), m.group(2)) for m in re.finditer(r"^\s*([0-9a-f]+):\s+(.*)$", code, re.M)]
    best = None
    for at, text in lines:
        m = re.match(r"j\w+\s+([0-9a-f]+)", text)
        if m and int(m.group(1), 16) <= at:
            body = [t for a, t in lines if int(m.group(1), 16) <= a <= at]
            if best is None or len(body) < len(best):
                best = body
    return best or []


if os.uname().machine != "x86_64" or not shutil.which("objdump"):
    print("1..0 # SKIP the generated code is read on x86_64 with objdump (package binutils)")
    sys.exit(0)
for compiler, lang, flags in BUILDS:
    name = f"{compiler} {' '.join(flags)}"
    if not shutil.which(compiler):
        if compiler != "clang":
            skip(f"{name}: {compiler} is not installed (package {compiler.replace('clang++', 'clang')})")
        continue
    if "-flto" in flags and compiler.startswith("clang") and not (shutil.which("ld.lld") or shutil.which("ld.lld-14")):
        skip(f"{name}: the linker for it is not installed (package lld-14)")
        continue
    with tempfile.TemporaryDirectory() as folder:
        program, r = build(folder, compiler, lang, flags)
        if not check(r.returncode == 0, f"{name}: builds without a warning", r.stderr):
            continue
        made = functions(program)
        for function, must in MUST.items():
            loop = inner_loop(find(made, function))
            check(any(re.search(must, t) for t in loop), f"{name}: {function} stays in its loop", *(loop or ["no loop found", find(made, function)]))
        check(len(inner_loop(find(made, "empty"))) <= 4, f"{name}: a loop adds a counter and a jump", *inner_loop(find(made, "empty")))
done()
