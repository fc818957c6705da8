# Runs the runner with a temporary folder of its own, which is removed whatever becomes of the runner. The notebook keeps
# the temporary folder of the machine: TMPDIR is not changed.
import os
import runpy
import sys
import tempfile

tempfile.tempdir = sys.argv[1]
sys.argv = sys.argv[2:]
if sys.path and sys.path[0] == "":
    del sys.path[0]
sys.path.insert(0, os.path.dirname(sys.argv[0]))
runpy.run_path(sys.argv[0], run_name="__main__")
