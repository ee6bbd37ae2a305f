"""Installs clearline-ws into a temporary prefix and uses it as a stranger would: CMake, pkg-config, both compilers."""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import unittest

try:
    import websockets  # noqa: F401: the tests of the examples need it
except ImportError:
    print("skipped: this Python has no module websockets (package python3-websockets)")
    sys.exit(77)

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
CMAKE, BUILD, GXX = os.environ["CMAKE"], os.environ["BUILD"], os.environ["GXX"]
CLANGXX = os.environ["CLANGXX"] if os.path.exists(os.environ["CLANGXX"]) else ""
WARNINGS = ("-Wall", "-Wextra", "-Wpedantic", "-Werror")
DEADLINE_S = 300
IN_MEMORY_PRINTS = r"\A\d+\.\d+\.\d+ heard hello, client ended with 1000, clean\n\Z"


def run(*command: str, **options) -> str:
    done = subprocess.run(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", timeout=DEADLINE_S, check=False,
        **options,
    )
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(command)}\nended with {done.returncode}:\n{done.stdout}")
    return done.stdout


class PackageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.directory = tempfile.mkdtemp(prefix="clearline-package-")
        cls.addClassCleanup(shutil.rmtree, cls.directory)
        cls.prefix = os.path.join(cls.directory, "first", "prefix")
        run(CMAKE, "--build", BUILD, "--target", "clearline-ws")
        run(CMAKE, "--install", BUILD, "--component", "clearline-ws", "--prefix", cls.prefix)
        # A package has to work where it was moved to.
        moved = os.path.join(cls.directory, "moved")
        os.rename(cls.prefix, moved)
        cls.prefix = moved

    def path(self, *parts: str) -> str:
        return os.path.join(self.directory, *parts)

    def installed_headers(self) -> list[str]:
        include = os.path.join(self.prefix, "include")
        return sorted(
            os.path.relpath(os.path.join(folder, name), include)
            for folder, _, names in os.walk(include) for name in names
        )

    def libraries(self) -> list[str]:
        return [
            os.path.join(folder, name)
            for folder, _, names in os.walk(self.prefix) for name in names if name.endswith(".a")
        ]

    def build_project(self, source: str, name: str, compiler: str, *options: str) -> str:
        """Configures and builds a project against the installed package; its build directory."""
        build = self.path(name)
        run(CMAKE, "-S", source, "-B", build, "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={self.prefix}",
            f"-DCMAKE_CXX_COMPILER={compiler}", *options)
        run(CMAKE, "--build", build)
        return build

    def test_installs_the_listed_headers_and_no_other(self):
        with open(os.path.join(ROOT, "cmake", "ClearlineWs.cmake"), encoding="utf-8") as file:
            listed = re.search(r"set\(clearline_public_headers\s+([^)]*)\)", file.read()).group(1).split()
        self.assertEqual(self.installed_headers(), sorted(f"clearline/{name}" for name in listed))
        self.assertTrue(os.path.isfile(os.path.join(self.prefix, "share", "licenses", "clearline-ws", "LICENSE")))

    def test_headers_give_no_warning(self):
        source = self.path("all_headers.cc")
        with open(source, "w", encoding="utf-8") as file:
            file.writelines(f'#include "{name}"\n' for name in self.installed_headers())
        for compiler in filter(None, (GXX, CLANGXX)):
            for standard in ("c++20", "c++2b"):
                with self.subTest(compiler=compiler, standard=standard):
                    # -I and not -isystem: warnings of system headers are not shown.
                    run(compiler, f"-std={standard}", "-fsyntax-only", *WARNINGS, "-I", f"{self.prefix}/include", source)

    def test_nothing_but_our_namespace_is_defined(self):
        for library in self.libraries():
            symbols = run("nm", "--defined-only", "--extern-only", "--demangle", "--format=posix", library)
            names = re.findall(r"^(.*?) ([TDBR]) ", symbols, re.MULTILINE)  # strong ones
            self.assertTrue(names, library)
            strangers = [name for name, _ in names if "clearline::" not in name]
            self.assertEqual(strangers, [], library)

    def test_objects_are_no_bytecode_of_one_compiler(self):
        for library in self.libraries():
            self.assertNotIn(".gnu.lto_", run("readelf", "--section-headers", "--wide", library))

    def test_protocol_alone(self):
        for name, compiler, standard in (("gcc", GXX, "20"), ("clang", CLANGXX, "23")):
            if not compiler:
                print("clang++ is not installed: g++ alone was tested", file=sys.stderr)
                continue
            with self.subTest(compiler=compiler):
                build = self.build_project(os.path.join(HERE, "consumer"), f"consumer-{name}", compiler,
                                           f"-DCMAKE_CXX_STANDARD={standard}")
                self.assertRegex(run(os.path.join(build, "in_memory")), IN_MEMORY_PRINTS)

    def test_pkg_config(self):
        pkg_config = [os.path.join(folder, "") for folder, _, names in os.walk(self.prefix) if "clearline-net.pc" in names]
        environment = {**os.environ, "PKG_CONFIG_PATH": pkg_config[0]}
        flags = run("pkg-config", "--cflags", "--libs", "clearline-net", env=environment).split()
        program = self.path("by_pkg_config")
        consumer = os.path.join(HERE, "consumer")
        run(GXX, "-std=c++20", "-I", consumer, os.path.join(consumer, "in_memory.cc"), "-o", program, *flags)
        self.assertRegex(run(program), IN_MEMORY_PRINTS)

    def test_examples(self):
        source = os.path.join(self.prefix, "share", "doc", "clearline-ws", "examples")
        build = self.build_project(source, "examples", GXX, "-DCMAKE_CXX_STANDARD=20",
                                   f"-DCMAKE_CXX_FLAGS={' '.join(WARNINGS)}")
        command = [os.path.join(build, "echo_server"), "--port", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, encoding="utf-8") as server:
            port = server.stdout.readline().rsplit(":", 1)[1].strip()
            printed = run(os.path.join(build, "echo_client"), "--port", port, "hello", "stranger")
            server.send_signal(signal.SIGTERM)
            self.assertEqual(server.wait(DEADLINE_S), 0)
        self.assertEqual(printed.splitlines()[:2], ["hello", "stranger"])
        self.assertIn("ended: 1000 Normal Closure, by us, clean", printed)
        # The tests of the tree's own examples, run on these.
        tests = os.path.join(ROOT, "tests", "integration")
        run(sys.executable, "-B", "examples_test.py", "BroadcastTest", cwd=tests,
            env={**os.environ, "ECHO_SERVER": command[0]})


if __name__ == "__main__":
    unittest.main()
