"""A package that installs well and fails when it is imported, as one with a missing shared library does."""

raise ImportError("libbrittle.so.1: cannot open shared object file: No such file or directory")
