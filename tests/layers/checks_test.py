#!/usr/bin/env python3
"""Each check is shown a small tree with one fault, and must name it; and the same tree without it, and must not."""

import json
import os
import shutil
import tempfile
import unittest

import check_docs
import check_format
import check_layers
import check_public
import check_shell
import check_targets
import check_text

GOOD_TREE = {
    "src/base/CMakeLists.txt": "clearline_library(base)\n",
    "src/base/text.h": "#pragma once\n\nint length();\n",
    "src/ws/CMakeLists.txt": "clearline_library(ws DEPENDS base)\n",
    "src/ws/frame.h": '#pragma once\n\n#include "base/text.h"\n',
    "src/net/CMakeLists.txt": "clearline_library(net DEPENDS ws)\n",
    "src/net/loop.cc": '#include <sys/epoll.h>\n\n#include "base/text.h"\n#include "ws/frame.h"\n',
    "src/registry/registry.json": '{"codes": [{"code": 4102}]}\n',
    "cmake/ClearlineWs.cmake": "set(clearline_public_headers\n  base/text.h\n  ws/frame.h)\n",
    "examples/echo.h": '#pragma once\n\n#include "clearline/ws/frame.h"\n',
    "docs/internals/ARCHITECTURE.md": (
        "# Layers\n\n    level 0  base/  ids   ()\n    level 1  ws/    frames  (base)\n    level 2  net/   loop  (ws)\n"
    ),
    "docs/adr/README.md": "# Decisions\n\n- [One](0001-one.md)\n",
    "docs/adr/0001-one.md": "# One\n\n## Status\n\n## Context\n\n## Decision\n\n## Consequences\n",
    "DEPENDENCIES.md": "| `cmake` | builds |\n",
    "tools/packages-debian.txt": "# names\ncmake\n",
    "tools/packages-ubuntu.txt": "cmake\n",
}


class Tree:
    """GOOD_TREE with some files changed or added, in a folder that is no git repository."""

    def __init__(self, **changes: str):
        self.files = {**GOOD_TREE, **changes.pop("files", {})}

    def __enter__(self) -> str:
        self.folder = tempfile.TemporaryDirectory()
        for name, text in self.files.items():
            path = os.path.join(self.folder.name, name)
            os.makedirs(os.path.dirname(path), exist_ok=True)
            with open(path, "w", encoding="utf-8", newline="") as file:
                file.write(text)
        return self.folder.name

    def __exit__(self, *_):
        self.folder.cleanup()


def problems_of(check, files: dict[str, str] | None = None) -> list[str]:
    with Tree(files=files or {}) as root:
        return check(root)


class LayersTest(unittest.TestCase):
    def expect(self, word: str, files: dict[str, str]):
        found = problems_of(check_layers.check, files)
        self.assertEqual(len(found), 1, found)
        self.assertIn(word, found[0])

    def test_good_tree_passes(self):
        self.assertEqual(problems_of(check_layers.check), [])

    def test_outward_include(self):
        self.expect("crosses the layers", {"src/base/text.h": '#pragma once\n#include "ws/frame.h"\n'})

    def test_outward_include_with_angle_brackets(self):
        self.expect("crosses the layers", {"src/base/text.h": "#pragma once\n#include <ws/frame.h>\n"})

    def test_own_header_comes_first(self):
        header = {"src/ws/codec.h": "#pragma once\n"}
        late = '#include <string>\n\n#include "ws/codec.h"\n'
        self.expect("must come first", {**header, "src/ws/codec.cc": late})
        self.expect("must come first", {**header, "src/ws/codec.cc": "int length();\n"})
        fine = '// A comment.\n#include "ws/codec.h"\n\n#include <string>\n'
        self.assertEqual(problems_of(check_layers.check, {**header, "src/ws/codec.cc": fine}), [])

    def test_include_without_folder(self):
        self.expect("must name its folder", {"src/ws/codec.cc": '#include "frame.h"\n'})

    def test_table_and_cmake_disagree(self):
        self.expect("ARCHITECTURE.md says", {"src/net/CMakeLists.txt": "clearline_library(net DEPENDS ws base)\n"})

    def test_folder_missing_in_table(self):
        self.expect("no row for src/chat", {"src/chat/CMakeLists.txt": "clearline_library(chat)\n"})

    def test_dependency_on_same_level(self):
        table = GOOD_TREE["docs/internals/ARCHITECTURE.md"].replace("level 1", "level 0")
        self.expect("depends on base (level 0)", {"docs/internals/ARCHITECTURE.md": table})

    def test_socket_in_the_core(self):
        self.expect("does no I/O", {"src/ws/codec.cc": "#include <sys/socket.h>\n"})

    def test_clock_in_the_core(self):
        self.expect("is no argument", {"src/ws/codec.cc": "auto now = std::chrono::steady_clock::now();\n"})

    def test_clock_named_in_a_comment_is_fine(self):
        self.assertEqual(problems_of(check_layers.check, {"src/ws/codec.cc": "// monotonic_now() is for edges\n"}), [])

    def test_foreign_header_elsewhere(self):
        self.expect("belongs to store", {"src/net/a.cc": "#include <sqlite3.h>\n"})

    def test_foreign_header_in_a_header(self):
        self.expect("keep it in a .cc", {"src/net/a.h": "#include <sys/epoll.h>\n"})


class PublicTest(unittest.TestCase):
    def expect(self, word: str, files: dict[str, str]):
        found = problems_of(check_public.check, files)
        self.assertEqual(len(found), 1, found)
        self.assertIn(word, found[0])

    def test_good_tree_passes(self):
        self.assertEqual(problems_of(check_public.check), [])

    def test_public_header_that_is_not_there(self):
        names = GOOD_TREE["cmake/ClearlineWs.cmake"].replace("ws/frame.h", "ws/frame.h ws/gone.h")
        self.expect("ws/gone.h is listed", {"cmake/ClearlineWs.cmake": names})

    def test_include_of_one_that_is_not_public(self):
        header = GOOD_TREE["src/ws/frame.h"] + '#include "ws/inner.h"\n'
        self.expect("add it", {"src/ws/frame.h": header, "src/ws/inner.h": "#pragma once\n"})

    def test_include_of_a_foreign_header(self):
        self.expect("<sodium.h>", {"src/base/text.h": "#pragma once\n#include <sodium.h>\n"})

    def test_public_header_that_says_it_is_not(self):
        self.expect("says that it is internal", {"src/base/text.h": "// Internal to a.cc.\n#pragma once\n"})

    def test_example_that_leans_on_the_tree(self):
        self.expect("clearline/ws/frame.h", {"examples/a.cc": '#include "ws/frame.h"\n'})


class TextTest(unittest.TestCase):
    def expect(self, word: str, name: str, text: str):
        found = problems_of(check_text.check, {name: text})
        self.assertEqual(len(found), 1, found)
        self.assertIn(word, found[0])

    def fine(self, name: str, text: str):
        self.assertEqual(problems_of(check_text.check, {name: text}), [])

    def test_good_tree_passes(self):
        self.assertEqual(problems_of(check_text.check), [])

    def test_leftover(self):
        self.expect("leftover", "src/net/a.cc", "// TO" "DO later\n")

    def test_machine_path(self):
        self.expect("path of one machine", "README.md", "see /wo" "rk/data\n")

    def test_path_in_the_middle_is_fine(self):
        self.fine("README.md", "see docs/wo" "rk/data and https://example.org/a/wo" "rk/\n")

    def test_registry_host(self):
        self.expect("names the package registry", "tools/get", "curl https://registry.npm" "js.org/x\n")

    def test_banned_calls(self):
        for call in ("sprintf(b, f)", "strcpy(a, b)", "gets(b)", "std::rand()", "localtime(&t)", "atoi(s)", "t.detach()"):
            self.expect("is banned", "src/net/a.cc", f"int f() {{ return {call}; }}\n")

    def test_safe_neighbours_of_banned_calls(self):
        for call in ("snprintf(b, 1, f)", "localtime_r(&t, &r)", "targets(b)", "operand()", 'say("gets(b)")'):
            self.fine("src/net/a.cc", f"int f() {{ return {call}; }}\n")

    def test_bare_close_code(self):
        for line in ("close(1001);", "if (status == 1006) {", "case 1005:", "send_close(4102)", "x.close_code = 1013;"):
            self.expect("as a number", "src/net/a.cc", line + "\n")
        self.expect("as a number", "src/net/a.cc", "if (1000 <= code) {\n")
        self.expect("as a number", "src/net/a.cc", "auto end = End{.status_sent = CloseCode{1011}};\n")

    def test_numbers_that_are_no_close_code(self):
        for line in (
            "close_timeout_ms = 1000;",
            "std::byte buffer[4096];  // close to a page",
            'log("close 1006");',
            "code_points_max = 1000;",
            "http_status(1000)",
            "if (status == 10060) {",
            "limits.close_ms = 1'000;",
        ):
            self.fine("src/net/a.cc", line + "\n")

    def test_close_codes_are_numbers_in_the_registry_and_in_tests(self):
        self.fine("src/registry/a.cc", "static_assert(status == 1006);\n")
        self.fine("tests/unit/ws/a_test.cc", "EXPECT_TRUE(status == 1006);\n")

    def test_header_without_pragma_once(self):
        self.expect("no #pragma once", "src/net/a.h", "int f();\n")

    def test_using_namespace_in_a_header(self):
        self.expect("using namespace", "src/net/a.h", "#pragma once\nusing namespace std;\n")

    def test_big_file(self):
        self.expect("does not belong", "docs/film.txt", "x" * 1_000_001)

    def test_line_ends(self):
        self.expect("CR LF", "docs/a.md", "one\r\n")
        self.expect("no newline", "docs/a.md", "one")
        self.expect("white space", "src/net/a.cc", "int x; \n")


class TargetsTest(unittest.TestCase):
    def problems(self, compiled: list[str], files: dict[str, str]) -> list[str]:
        with Tree(files=files) as root:
            commands = os.path.join(root, "compile_commands.json")
            with open(commands, "w", encoding="utf-8") as file:
                json.dump([{"directory": root, "file": name} for name in compiled], file)
            return check_targets.check(root, commands)

    def test_compiled_file_is_fine(self):
        self.assertEqual(self.problems(["src/net/loop.cc"], {}), [])

    def test_forgotten_file(self):
        self.assertIn("src/net/loop.cc: in no target", self.problems([], {})[0])

    def test_fuzz_target_needs_a_name_in_cmake(self):
        files = {"tests/fuzz/a_fuzz.cc": "", "tests/fuzz/CMakeLists.txt": "add_executable(a_fuzz a_fuzz.cc)\n"}
        self.assertEqual(self.problems(["src/net/loop.cc"], files), [])
        files["tests/fuzz/b_fuzz.cc"] = ""
        self.assertIn("b_fuzz.cc", self.problems(["src/net/loop.cc"], files)[0])


class DocumentsTest(unittest.TestCase):
    def expect(self, word: str, files: dict[str, str]):
        found = problems_of(check_docs.check, files)
        self.assertEqual(len(found), 1, found)
        self.assertIn(word, found[0])

    def test_good_tree_passes(self):
        self.assertEqual(problems_of(check_docs.check), [])

    def test_dead_link(self):
        self.expect("leads nowhere", {"README.md": "[install](docs/install.md)\n"})

    def test_dead_image(self):
        self.expect("leads nowhere", {"README.md": "![screen](docs/screen.png)\n"})

    def test_dead_anchor(self):
        self.expect("a heading that", {"README.md": "[x](docs/adr/0001-one.md#nowhere)\n"})

    def test_live_links(self):
        text = "[a](docs/adr/0001-one.md#decision) [b](https://example.org/) [c](#a-title)\n\n## A `title`\n"
        self.assertEqual(problems_of(check_docs.check, {"README.md": text}), [])

    def test_package_without_reason(self):
        self.expect("ninja-build is not explained", {"tools/packages-debian.txt": "cmake\nninja-build\n"})

    def test_npm_package_without_reason(self):
        package = json.dumps({"dependencies": {"preact": "11.2.0"}})
        self.expect("preact is not explained", {"web/package.json": package + "\n"})

    def coverage(self, row: str) -> dict[str, str]:
        table = "| section | requirement | done in | shown by |\n|---|---|---|---|\n"
        test = "TEST_P(Frames, AreMasked) {}\nTEST(Frame, IsShort) {}\n"
        return {"docs/internals/rfc-coverage.md": table + row + "\n", "tests/unit/ws/frame_test.cc": test}

    def test_requirements_shown_by_tests(self):
        for shown_by in ("`Frames.AreMasked` `Frame.IsShort`", "*left to the program*"):
            files = self.coverage(f"| 5.1 | mask | `src/ws/frame.h` | {shown_by} |")
            self.assertEqual(problems_of(check_docs.check, files), [])

    def test_requirement_without_a_test(self):
        self.expect("no test Frames.AreLost", self.coverage("| 5.1 | mask | `src/ws/frame.h` | `Frames.AreLost` |"))
        self.expect("neither a test", self.coverage("| 5.1 | mask | `src/ws/frame.h` | later |"))

    def test_requirement_done_nowhere(self):
        self.expect("no file src/ws/gone.h", self.coverage("| 5.1 | mask | `src/ws/gone.h` | `Frame.IsShort` |"))

    def test_decision_missing_in_the_index(self):
        self.expect("does not list", {"docs/adr/0002-two.md": GOOD_TREE["docs/adr/0001-one.md"]})

    def test_decision_without_consequences(self):
        self.expect("no section", {"docs/adr/0001-one.md": "# One\n\n## Status\n\n## Context\n\n## Decision\n"})


class FormatTest(unittest.TestCase):
    @unittest.skipIf(check_format.find_clang_format() is None, "no clang-format of version 14 here")
    def test_unformatted_file(self):
        tool = check_format.find_clang_format()
        with Tree(files={"src/net/a.cc": "int   f ( ) ;\n", ".clang-format": "BasedOnStyle: Google\n"}) as root:
            self.assertIn("src/net/a.cc:1", check_format.check(tool, root)[0])
        with Tree(files={"src/net/a.cc": "int f();\n", ".clang-format": "BasedOnStyle: Google\n"}) as root:
            self.assertNotIn("src/net/a.cc", " ".join(check_format.check(tool, root)))


@unittest.skipIf(shutil.which("shellcheck") is None, "no shellcheck here")
class ShellTest(unittest.TestCase):
    def test_unquoted_variable(self):
        for name in ("tools/start", "tools/start.sh"):
            found = problems_of(check_shell.check, {name: "#!/bin/sh\nfile=$1\nrm $file\n"})
            self.assertIn("SC2086", found[0])

    def test_clean_script_and_python(self):
        files = {"tools/start": '#!/bin/sh\nrm "$1"\n', "tools/count": "#!/usr/bin/env python3\nprint(1)\n"}
        self.assertEqual(problems_of(check_shell.check, files), [])


if __name__ == "__main__":
    unittest.main()
