# SPDX-License-Identifier: Apache-2.0
"""Compiles the extensions, and puts libdora beside them.

In a checkout libdora comes from bindings/c/build, which builds it when it is not there. A source distribution carries the headers, and
needs a libdora that is installed already: set DORA_SDK to the prefix that bindings/c/build laid out, or have it where the compiler looks.
"""

import os
import shutil
import subprocess
from pathlib import Path

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.command.sdist import sdist

HERE = Path(__file__).resolve().parent
BINDINGS_C = HERE.parent / "c"
LIBRARY = "libdora_node_api_c.so"


def prefix():
    """Where include/ and lib/ of libdora are, or None: where the compiler looks anyway."""
    if "DORA_SDK" in os.environ:
        return Path(os.environ["DORA_SDK"])
    if (BINDINGS_C / "build").is_file():
        return Path(subprocess.run([BINDINGS_C / "build"], check=True, stdout=subprocess.PIPE, text=True).stdout.strip())
    return None


class BuildExtensions(build_ext):
    def run(self):
        sdk = prefix()
        if sdk is not None:
            for extension in self.extensions:
                extension.include_dirs.append(str(sdk / "include"))
            self.ext_map["dora._native"].library_dirs.append(str(sdk / "lib"))
        super().run()
        if sdk is not None:
            beside = Path(self.get_ext_fullpath("dora._native")).parent
            shutil.copy2(sdk / "lib" / LIBRARY, beside / LIBRARY)

    def get_outputs(self):
        return super().get_outputs()


class SourceDistribution(sdist):
    def make_release_tree(self, base_dir, files):
        super().make_release_tree(base_dir, files)
        headers = BINDINGS_C / "include" / "dora"
        if headers.is_dir():
            shutil.copytree(headers, Path(base_dir) / "include" / "dora", dirs_exist_ok=True)


flags = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Werror=implicit-function-declaration", "-fvisibility=hidden"]
setup(
    cmdclass={"build_ext": BuildExtensions, "sdist": SourceDistribution},
    ext_modules=[
        Extension("dora._arrow_c", ["src/arrow.c"], include_dirs=["include"], extra_compile_args=flags),
        Extension(
            "dora._native",
            ["src/node.c", "src/events.c", "src/loan.c", "src/metadata.c"],
            include_dirs=["include"],
            libraries=["dora_node_api_c"],
            extra_compile_args=flags,
            extra_link_args=["-Wl,-rpath,$ORIGIN"],
            depends=["src/native.h"],
        ),
    ],
)
