"""The same pings at DIRAC's server and at a node, in turns: `npm run bench:dirac` writes the table into docs/performance.md."""

import json
import os
import platform
import re
import statistics
import subprocess
from datetime import date

from grid import DHN, ROOT, Grid

BEGIN, END = "<!-- npm run bench:dirac: begin -->", "<!-- npm run bench:dirac: end -->"
CONNECTIONS = 16


def pinned(cpu):
    """One processor for the servers, another for the load, where there are two."""
    return ["taskset", "-c", str(cpu)] if os.cpu_count() > 1 else []


def visit(grid, url, pid, proxy, seconds):
    """Pings for so long; what `dhn bench` reports."""
    words = ["bench", f"{url}/Test/Types", "--seconds", seconds, "--connections", CONNECTIONS, "--pid", pid, "--json"]
    words += ["--cert", proxy, "--trust", grid.certificates, "--home", grid.home, "--timeout", 30]
    ran = subprocess.run([*pinned(1), *DHN, *map(str, words)], capture_output=True, text=True)
    assert ran.returncode == 0, ran.stderr + ran.stdout
    return json.loads(ran.stdout)


def in_turns(grid, servers, proxy, rounds, seconds):
    """Visits the servers round after round, every second round backwards: what disturbs one disturbs the others."""
    for url, pid in servers.values():
        visit(grid, url, pid, proxy, seconds)  # warms it up
    visits = {name: [] for name in servers}
    for turn in range(rounds):
        for name in list(servers)[:: 1 if turn % 2 == 0 else -1]:
            visits[name].append(visit(grid, *servers[name], proxy, seconds))
    return visits


def table(visits):
    """Of each server the lower quartile of its processor time, and medians; ratios are of the rounds."""

    def of(name, value):
        return [value(report) for report in visits[name]]

    def cpu(report):
        return report["server"]["cpuPerCall"]

    def rate(report):
        return report["total"]["callsPerSecond"]

    rows = []
    for name in visits:
        ratio = statistics.median(one / base for one, base in zip(of(name, cpu), of("dhn", cpu)))
        rows.append(
            [
                name,
                f"{sorted(of(name, cpu))[(len(visits[name]) - 1) // 4]:,.0f}",
                f"{ratio:.1f}",
                f"{statistics.median(of(name, rate)):,.0f}",
                f"{max(of(name, rate)):,.0f}",
                f"{statistics.median(of(name, lambda report: report['total']['p50'])):.1f}",
                f"{statistics.median(of(name, lambda report: report['total']['p99'])):.1f}",
                str(sum(of(name, lambda report: report["total"]["errors"]))),
            ]
        )
    return rows


def page(rows, rounds, seconds):
    head = ["server", "µs of processor time a call", "against dhn", "calls/s median", "best", "p50 ms", "p99 ms", "errors"]
    lines = [head, ["---"] * len(head), *rows]
    processor = re.search(r"model name\s*: (.*)", open("/proc/cpuinfo").read())
    measured = (
        f"Measured on {date.today()}, {rounds} rounds of {seconds} s, {CONNECTIONS} connections with a proxy each. "
        f"{processor.group(1) if processor else platform.processor()}, {os.cpu_count()} processors; Python {platform.python_version()}."
    )
    return "\n".join([measured, "", *("| " + " | ".join(line) + " |" for line in lines)])


def main():
    rounds, seconds = 8, 4
    grid = Grid(pinned(0))
    server = None
    try:
        grid.start()
        url, server = grid.start_dirac()
        certificate, key = grid.pair("alice")
        proxy = grid.folder / "load.proxy"
        grid.dhn("cert", "proxy", proxy, "--cert", certificate, "--key", key, "--group", "dirac_user")
        servers = {"dhn": (grid.url, grid.pid), "DIRAC 9.1.22, TornadoServer": (url, server.pid)}
        text = page(table(in_turns(grid, servers, proxy, rounds, seconds)), rounds, seconds)
    finally:
        if server is not None:
            server.terminate()
        grid.stop()
        grid.remove()
    print(text)
    file = ROOT / "docs" / "performance.md"
    written = file.read_text()
    before, after = written.split(BEGIN)[0], written.split(END)[1]
    file.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}")
    subprocess.run(["npx", "biome", "check", "--write", str(file)], cwd=ROOT, capture_output=True)


if __name__ == "__main__":
    main()
