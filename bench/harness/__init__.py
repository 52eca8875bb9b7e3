"""What the benchmarks share: the machine, network namespaces with an emulated link, statistics, the report."""
import pathlib

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAMS = ROOT / "build/release/bin"
