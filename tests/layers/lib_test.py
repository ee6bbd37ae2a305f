#!/usr/bin/env python3
"""tools/lib.sh, function by function, with a stub in place of each program that would change the machine."""

import os
import subprocess
import tempfile
import unittest

SOURCE = os.path.abspath(os.path.join(os.path.dirname(__file__), "..", ".."))
PACKAGES = "# comment\ncmake\nnpm web\nlibgtest-dev test\n\ng++\n"
DPKG_QUERY = """#!/bin/sh
# Like the real one: a line a known package, and status 1 for unknown names.
echo "installed cmake"
echo "config-files npm"
exit 1
"""
APT_GET = '#!/bin/sh\necho "apt-get $*" >>"$STUB_LOG"\n'


class LibraryTest(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="clearline lib ")
        self.addCleanup(self.folder.cleanup)
        self.root = self.folder.name
        self.log = os.path.join(self.root, "calls")
        for distribution in ("debian", "ubuntu"):
            self.write(f"tools/packages-{distribution}.txt", PACKAGES)
        self.stub("dpkg-query", DPKG_QUERY)
        self.stub("apt-get", APT_GET)

    def write(self, name: str, text: str) -> str:
        path = os.path.join(self.root, name)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
        return path

    def stub(self, program: str, text: str):
        os.chmod(self.write(f"bin/{program}", text), 0o755)

    def bash(self, script: str) -> subprocess.CompletedProcess:
        """Runs the script with the library sourced, as ./run does; root is a folder with a space in its name."""
        head = f'set -euo pipefail\nroot=$1\n. "{SOURCE}/tools/lib.sh"\n'
        environment = {"PATH": f"{self.root}/bin:/usr/bin:/bin", "STUB_LOG": self.log, "HOME": self.root}
        return subprocess.run(
            ["/bin/bash", "-c", head + script, "bash", self.root], env=environment, capture_output=True, text=True, timeout=60
        )

    def out(self, script: str) -> list[str]:
        done = self.bash(script)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout.splitlines()

    def calls(self) -> str:
        if not os.path.exists(self.log):
            return ""
        with open(self.log, encoding="utf-8") as file:
            return file.read()

    def test_packages_of_a_group(self):
        self.assertEqual(self.out("packages_of build"), ["cmake", "g++"])
        self.assertEqual(self.out("packages_of web test"), ["npm", "libgtest-dev"])

    def test_missing_packages_are_those_not_fully_installed(self):
        self.assertEqual(self.out("missing_packages cmake npm g++"), ["npm", "g++"])

    def test_apt_is_left_alone_when_nothing_is_missing(self):
        self.assertEqual(self.out("is_root() { false; }; install_packages cmake"), [])
        self.assertEqual(self.calls(), "")

    def test_root_installs_what_is_missing(self):
        self.out("is_root() { true; }; install_packages cmake g++")
        self.assertIn("install -y --no-install-recommends g++\n", self.calls())
        self.assertNotIn("cmake", self.calls())

    def test_without_root_and_sudo_the_exact_line_is_shown(self):
        script = "is_root() { false; }; command() { [ $2 != sudo ] && builtin command \"$@\"; }; install_packages npm g++"
        done = self.bash(script)
        self.assertEqual(done.returncode, 1)
        self.assertIn("apt-get update && apt-get install -y --no-install-recommends npm g++", done.stderr)
        self.assertEqual(self.calls(), "")

    def test_which_node_is_recent(self):
        for version, recent in {
            "v18.20.4": False,
            "v20.18.3": False,
            "v20.19.0": True,
            "v21.7.0": False,
            "v22.11.0": False,
            "v22.12.0": True,
            "v24.0.0": True,
        }.items():
            self.stub("node", f"#!/bin/sh\necho {version}\n")
            self.assertEqual(self.out("node_is_recent node && echo yes || echo no"), ["yes" if recent else "no"], version)
        self.assertEqual(self.out("node_is_recent no-such-program && echo yes || echo no"), ["no"])

    def test_hash_sees_contents_and_names_but_not_what_is_built(self):
        script = 'hash_of "$root/web"'
        self.write("web/a.ts", "one")
        first = self.out(script)
        self.write("web/node_modules/b.js", "x")
        self.write("web/dist/c.js", "x")
        self.assertEqual(self.out(script), first)
        self.write("web/a.ts", "two")
        second = self.out(script)
        self.assertNotEqual(second, first)
        os.rename(os.path.join(self.root, "web/a.ts"), os.path.join(self.root, "web/d.ts"))
        self.assertNotEqual(self.out(script), second)

    def test_stamps(self):
        script = 'up_to_date "$root/s" one || echo old; stamp "$root/s" one; up_to_date "$root/s" one && echo new'
        self.assertEqual(self.out(script), ["old", "new"])

    def test_step_says_where_it_is_and_keeps_quiet_about_success(self):
        self.assertEqual(self.out("step_count=2; step a 'First thing' echo noise"), ["[1/2] First thing"])

    def test_failed_step_shows_the_end_of_its_log(self):
        done = self.bash("step a 'First thing' sh -c 'echo the reason; exit 3' || echo status $?")
        self.assertIn("the reason", done.stdout)
        self.assertIn("build/logs/a.log", done.stdout)
        self.assertIn("status 3", done.stdout)

    def test_step_whose_command_exits_does_not_end_the_script(self):
        done = self.bash("give_up() { exit 4; }; step a A give_up || echo status $?")
        self.assertIn("status 4", done.stdout)


class RunTest(unittest.TestCase):
    def run_script(self, *arguments: str) -> subprocess.CompletedProcess:
        return subprocess.run([f"{SOURCE}/run", *arguments], cwd="/", capture_output=True, text=True, timeout=60)

    def test_help(self):
        done = self.run_script("--help")
        self.assertEqual(done.returncode, 0)
        for option in ("--port", "--host", "--data", "--build-only"):
            self.assertIn(option, done.stdout)

    def test_mistakes_end_with_2_and_the_usage(self):
        for arguments in (["--prot", "1"], ["--port"], ["--data", ""]):
            done = self.run_script(*arguments)
            self.assertEqual(done.returncode, 2, arguments)
            self.assertIn("usage: ./run", done.stderr)


if __name__ == "__main__":
    unittest.main()
