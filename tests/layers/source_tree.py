"""What the checks share: the files of the tree, and C++ text without comments and strings."""

import os
import re
import subprocess
import sys

SKIPPED_FOLDERS = {".git", "build", "var", "artifacts", "node_modules", "__pycache__", ".cache"}

COMMENT_OR_STRING = re.compile(
    r"""//[^\n]*|/\*.*?\*/|R"(?P<mark>[^()\s\\]*)\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])+'""", re.DOTALL
)


def tracked_files(root: str) -> list[str]:
    """Paths relative to root of what is, or would be, committed. Without git (a release archive): every file."""
    command = ["git", "-c", "safe.directory=*", "-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, capture_output=True, check=True).stdout.decode()
        names = [name for name in listed.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        names = list(walk_files(root))
    return sorted(name for name in set(names) if os.path.isfile(os.path.join(root, name)))


def walk_files(root: str):
    for folder, folders, files in os.walk(root):
        folders[:] = [name for name in folders if name not in SKIPPED_FOLDERS]
        for name in files:
            yield os.path.relpath(os.path.join(folder, name), root)


def read_text(root: str, name: str) -> str:
    """The text, or nothing for a binary file."""
    with open(os.path.join(root, name), "rb") as file:
        data = file.read()
    try:
        return data.decode("utf-8") if b"\0" not in data else ""
    except UnicodeDecodeError:
        return ""


def without_comments_and_strings(text: str) -> str:
    """Same lines, same columns of code; comments, strings and character literals become spaces.

    A digit separator (1'000) looks like an opening quote, so those go first.
    """

    def blank(match: re.Match) -> str:
        return re.sub(r"[^\n]", " ", match.group(0))

    return COMMENT_OR_STRING.sub(blank, re.sub(r"(?<=[0-9a-fA-F])'(?=[0-9a-fA-F])", "_", text))


def is_cpp(name: str) -> bool:
    return name.endswith((".cc", ".h"))


def report(problems: list[str], what: str) -> None:
    """Prints the problems and ends the process."""
    for problem in problems:
        print(problem)
    print(f"{what}: {len(problems)} problems" if problems else f"{what}: no problem")
    sys.exit(1 if problems else 0)
