"""Moves nbclient out of this Python, into a wheel that pip finds and import does not."""

import base64
import hashlib
import pathlib
import shutil
import zipfile

import nbclient

WHEELS = pathlib.Path("/opt/wheels")
package = pathlib.Path(nbclient.__file__).parent
version = nbclient.__version__
info = "nbclient-%s.dist-info" % version

files = {"nbclient/%s" % path.relative_to(package): path.read_bytes() for path in package.rglob("*.py")}
files[info + "/METADATA"] = ("Metadata-Version: 2.1\nName: nbclient\nVersion: %s\n" % version).encode()
files[info + "/WHEEL"] = b"Wheel-Version: 1.0\nGenerator: hide\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
record = ""
for name, content in files.items():
    digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
    record += "%s,sha256=%s,%d\n" % (name, digest, len(content))
files[info + "/RECORD"] = (record + info + "/RECORD,,\n").encode()

WHEELS.mkdir(parents=True)
with zipfile.ZipFile(WHEELS / ("nbclient-%s-py3-none-any.whl" % version), "w") as wheel:
    for name, content in files.items():
        wheel.writestr(name, content)
shutil.rmtree(package)
for metadata in package.parent.glob("nbclient-*"):
    shutil.rmtree(metadata) if metadata.is_dir() else metadata.unlink()
with open("/etc/pip.conf", "a") as settings:
    settings.write("\n[install]\nfind-links = %s\n" % WHEELS)
