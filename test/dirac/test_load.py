"""Short loads side by side; `npm run bench:dirac` takes the time to measure them."""

import load


def test_a_ping_costs_less_than_at_dirac_and_none_is_lost(grid, dirac_server, proxy):
    url, process = dirac_server
    servers = {"dhn": (grid.url, grid.pid), "DIRAC": (url, process.pid)}
    visits = load.in_turns(grid, servers, proxy("alice", "dirac_user"), rounds=1, seconds=2)
    assert all(report["total"]["errors"] == 0 for reports in visits.values() for report in reports)
    costs = {name: reports[0]["server"]["cpuPerCall"] for name, reports in visits.items()}
    assert costs["dhn"] < costs["DIRAC"]
