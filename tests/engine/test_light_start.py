"""The machine code starts without SciPy's linear algebra, and leaves numba as a user knows it."""

import subprocess
import sys

import pytest

pytest.importorskip("numba")
PROCESS = """
import sys
import csim.engine.compiled
assert not [name for name in sys.modules if name.startswith("scipy.linalg")]
import numba, numpy as np
square = np.array([[2.0, 1.0], [0.0, 4.0]])
found = numba.njit(lambda a: (a @ a, np.linalg.inv(a), np.cov(a)))(square)
for mine, its in zip(found, (square @ square, np.linalg.inv(square), np.cov(square))):
    assert np.allclose(mine, its)
import scipy.linalg
print(scipy.linalg.det(square))
"""


def test_linear_algebra_is_gone_from_numba():
    """A function of a user's own has its products, inverses and covariances all the same."""
    done = subprocess.run([sys.executable, "-c", PROCESS], capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) == 8.0
