"""One thread for each test process: side by side, more would spend their time on waiting."""

import os

os.environ.setdefault("OMP_NUM_THREADS", "1")
