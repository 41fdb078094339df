"""Ten million contacts need the memory of a few days of them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("numba")
STATUS = Path("/proc/self/status")
pytestmark = pytest.mark.skipif(not STATUS.exists(), reason="peak memory is read from /proc: not on this system")
CENTRE = {
    "csim": "scenario/1",
    "name": "memory",
    "calendar": {"start": "2026-06-01T09:00", "open": "8 h"},
    "queues": {
        "calls": {
            "channel": "voice",
            "arrivals": {"per_hour": 1224},
            "patience": {"distribution": "exponential", "mean": "120 s"},
            "handle_time": {"distribution": "exponential", "mean": "300 s"},
            "answer_within": "20 s",
        }
    },
    "groups": {"team": {"serves": ["calls"], "agents": 100}},
}
PROCESS = """
import json, pathlib, sys
import csim
sim = csim.simulate(json.loads(sys.argv[1]), replications=int(sys.argv[2]), engine="compiled")
sim.kpis
peak = next(line for line in pathlib.Path("/proc/self/status").read_text().splitlines() if "VmHWM" in line)
print(sim.offered, int(peak.split()[1]) * 1024 / 1e6)  # getrusage would count what the parent held when it forked
"""


@pytest.fixture(scope="module")
def machine_code():
    """Compiled once: that takes memory of its own, on the first run of a machine only."""
    subprocess.run([sys.executable, "-c", PROCESS, json.dumps(CENTRE), "250"], capture_output=True, check=True)


@pytest.mark.slow
@pytest.mark.usefixtures("machine_code")
@pytest.mark.parametrize(
    ("calendar", "per_hour", "replications"),
    [({}, 1224, 1030), ({"days": 30}, 1224, 35), ({"days": 1000}, 1260, 1), ({"open": "4 h"}, 600, 4200)],
    ids=["days", "months", "a thousand days", "short days"],
)
def test_ten_million_contacts_need_more_than_400_megabytes(calendar, per_hour, replications):
    """The peak of a whole process, libraries included, however the contacts are cut into replications."""
    scenario = CENTRE | {"calendar": CENTRE["calendar"] | calendar}
    scenario["queues"] = {"calls": CENTRE["queues"]["calls"] | {"arrivals": {"per_hour": per_hour}}}
    command = [sys.executable, "-c", PROCESS, json.dumps(scenario), str(replications)]
    done = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", check=True)
    offered, megabytes = map(float, done.stdout.split())
    assert offered > 9.9e6
    assert megabytes < 420  # 400 MiB
