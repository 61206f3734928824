"""Set the workbench up and start one task: ``python run.py demo``, ``lab``, ``add``, ...

Standard library only, and written so that an old Python can read it far enough to say that it is
too old. Everything is installed into ``.venv/`` beside this file; a second start installs nothing.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

__all__ = ["PARTS", "find_part", "main", "version_complaint"]

HELP = """\
usage: python run.py TASK [ARGUMENTS]

  demo   a tour: a list is prepared and delivered to a sandbox on this computer
  test   all tests, on all cores; arguments go to pytest (python run.py test tests/house -q)
  lab    the notebooks, in JupyterLab
  docs   the documentation as a site, in site/
  add    what only some need, such as Excel files: python run.py add excel

The first start sets up .venv/ beside this file, which takes about a minute.
Nothing is installed outside this folder, except by `test` on Debian and Ubuntu as root: the tests
need OpenSSH, Chromium, PostgreSQL, vsftpd, Dovecot and Java, and apt-get is asked for what
is missing.
"""
ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
TOOLS = ROOT / ".venv-tools"
STAMP = VENV / "rokt-workbench.stamp"
SCRIPTS = VENV / ("Scripts" if os.name == "nt" else "bin")
SUFFIX = ".exe" if os.name == "nt" else ""
PYTHON = SCRIPTS / ("python" + SUFFIX)
OLDEST = (3, 11)
EXTRAS = {
    "demo": frozenset(),
    "lab": frozenset({"lab"}),
    "docs": frozenset({"docs"}),
    "test": frozenset({"lab", "test"}),
    "add": frozenset(),
}
QUIET = {"PIP_ROOT_USER_ACTION": "ignore", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}

# What the tests need beside Python: Debian's packages, then where the program may be found.
PARTS = {
    "sshd": (
        ("openssh-server",),
        ("sshd", "/usr/sbin/sshd", "/usr/local/sbin/sshd", "/opt/homebrew/sbin/sshd"),
    ),
    "sftp": (("openssh-client",), ("sftp",)),
    "postgres": (
        ("postgresql",),
        ("postgres", "/usr/lib/postgresql/*/bin/postgres"),
    ),
    "vsftpd": (("vsftpd",), ("vsftpd", "/usr/sbin/vsftpd")),
    "dovecot": (("dovecot-imapd",), ("dovecot", "/usr/sbin/dovecot")),
    "java": (("default-jre-headless",), ("java",)),
    "chromium": (
        ("chromium", "fonts-dejavu-core"),
        (
            "chromium",
            "chromium-browser",
            "google-chrome",
            "google-chrome-stable",
            "chrome",
            "/Applications/Chromium.app/Contents/MacOS/Chromium",
            "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
            r"C:\Program Files\Google\Chrome\Application\chrome.exe",
        ),
    ),
}


def version_complaint(version_info: tuple[Any, ...]) -> str:
    """Give the sentence for a Python that is too old, or an empty one."""
    if version_info >= OLDEST:
        return ""
    found, wanted = ("%d.%d" % version[:2] for version in (version_info, OLDEST))
    return f"This needs Python {wanted} or newer, and it was started with Python {found}."


def say(sentence: str) -> None:
    """Tell the person, at once and in order with what the tools print."""
    print(sentence, flush=True)


def succeeds(*command: object) -> bool:
    """Run one step of the set-up in the project's folder, and tell whether it worked."""
    words = [str(word) for word in command]
    try:
        return subprocess.call(words, cwd=ROOT, env={**os.environ, **QUIET}) == 0
    except OSError:
        return False


def find_uv() -> str | None:
    """Find uv on the PATH or in our own tools folder; fetch it there once; None without it."""
    kept = [TOOLS / "bin" / ("uv" + SUFFIX), TOOLS / "Scripts" / ("uv" + SUFFIX)]
    found = shutil.which("uv") or next((str(path) for path in kept if path.exists()), None)
    if found is None and succeeds(
        sys.executable, "-m", "pip", "install", "-qq", "--target", TOOLS, "uv"
    ):
        found = next((str(path) for path in kept if path.exists()), None)
    return found


def install_with_uv(target: str) -> bool:
    """Make the environment and install into it with uv: seconds."""
    uv = find_uv()
    if uv is None:
        return False
    made = PYTHON.exists() or succeeds(uv, "venv", "--quiet", "--python", sys.executable, VENV)
    into = ("--quiet", "--python", PYTHON, "-c", "constraints.txt", "-e", target)
    return made and succeeds(uv, "pip", "install", *into)


def install_with_pip(target: str) -> bool:
    """Make the environment and install into it with what Python brings: a minute."""
    if not PYTHON.exists():
        ready = succeeds(sys.executable, "-m", "venv", VENV)
    else:
        # An environment that uv made has no pip in it.
        ready = succeeds(PYTHON, "-c", "import pip") or succeeds(PYTHON, "-m", "ensurepip")
    into = ("-qq", "-c", "constraints.txt", "-e", target)
    return ready and succeeds(PYTHON, "-m", "pip", "install", *into)


def fingerprint(extras: frozenset[str]) -> str:
    """Give what an installation of these extras depends on, as one short text."""
    digest = hashlib.sha256(",".join(sorted(extras)).encode())
    for name in ("pyproject.toml", "constraints.txt"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def installed_extras() -> frozenset[str]:
    """Read from the stamp which extras were asked for before, so that they are kept."""
    words = STAMP.read_text(encoding="utf-8").split() if STAMP.exists() else []
    return frozenset(words[1:])


def known_extras() -> list[str]:
    """Read from pyproject.toml which extras there are; tomllib is too new for this file."""
    lines = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    section = lines.partition("[project.optional-dependencies]")[2].partition("\n[project")[0]
    return sorted(re.findall(r"^(\w+) = \[", section, flags=re.MULTILINE))


def add(extras: list[str]) -> int:
    """Install extras into .venv; 2 when one is not known, for pip and uv go on without it."""
    known = known_extras()
    if not extras or set(extras) - set(known):
        sys.stderr.write(f"python run.py add NAME: there are {', '.join(known)}.\n")
        return 2
    if not set_up(frozenset(extras)):
        return 1
    say(f"Added: {', '.join(extras)}.")
    return 0


def set_up(extras: frozenset[str]) -> bool:
    """Install what is missing. Costs nothing when the stamp says that all is there."""
    wanted = extras | installed_extras()
    stamp = " ".join([fingerprint(wanted), *sorted(wanted)])
    if PYTHON.exists() and STAMP.exists() and STAMP.read_text(encoding="utf-8") == stamp:
        return True
    if VENV.exists() and not PYTHON.exists():
        shutil.rmtree(VENV)
    say("Setting up .venv (about a minute the first time) ...")
    target = ".[" + ",".join(sorted(wanted)) + "]" if wanted else "."
    if not install_with_uv(target):
        say("uv did not do it; now with pip, which is slower ...")
        if not install_with_pip(target):
            say("The packages could not be installed. The lines above say why.")
            return False
    STAMP.write_text(stamp, encoding="utf-8")
    return True


def places_of(name: str) -> list[str]:
    """Give where a program may be; Debian has a folder for each version of PostgreSQL."""
    root = Path("/")
    places: list[str] = []
    for place in PARTS[name][1]:
        places += map(str, root.glob(place.lstrip("/"))) if "*" in place else [place]
    return places


def find_part(name: str) -> str | None:
    """Find a program the tests need, by its name in ``PARTS``."""
    return next((found for found in map(shutil.which, places_of(name)) if found), None)


def see_to_real_parts() -> None:
    """Install the programs the tests need where we may; say what is missing where we may not."""
    missing = [name for name in PARTS if find_part(name) is None]
    if not missing:
        return
    packages = [package for name in missing for package in PARTS[name][0]]
    apt = shutil.which("apt-get")
    if apt and sys.platform != "win32" and os.geteuid() == 0:
        say(f"Installing for the tests, with apt-get: {', '.join(packages)} ...")
        quiet = ("env", "DEBIAN_FRONTEND=noninteractive", apt, "-qq")
        if succeeds(*quiet, "update") and succeeds(
            *quiet, "install", "-y", "--no-install-recommends", *packages
        ):
            return
    say(f"Missing on this computer: {', '.join(missing)}. The tests that need it will fail.")
    say(f"On Debian and Ubuntu: sudo apt-get install {' '.join(packages)}")


def shared_out(arguments: list[str]) -> list[str]:
    """Let workers share the tests when all are run; files given by name start without any."""
    named = any((ROOT / word.partition("::")[0]).exists() for word in arguments)
    return [] if named else ["-n", "logical", "--maxprocesses", "4"]


def start(task: str, arguments: list[str]) -> int:
    """Run the task to its end and give its exit code."""
    command = {
        "demo": [PYTHON, "-m", "rokt_helpers.demo"],
        "lab": [SCRIPTS / ("rokt" + SUFFIX), "lab"],
        "docs": [PYTHON, "-m", "mkdocs", "build", "--strict"],
        "test": [PYTHON, "-m", "pytest"],
    }[task]
    if task == "test":
        command += shared_out(arguments)
    child = subprocess.Popen([*map(str, command), *arguments], cwd=ROOT)
    while True:
        try:
            code = child.wait()
        except KeyboardInterrupt:
            # The terminal gave the task the same Ctrl-C; it may ask back, or tidy up first.
            continue
        return 128 - code if code < 0 else code


def carry_out(task: str, arguments: list[str]) -> int:
    """See to what the task needs, and do it."""
    if task == "add":
        return add(arguments)
    if not set_up(EXTRAS[task]):
        return 1
    if task == "test":
        see_to_real_parts()
    return start(task, arguments)


def main(arguments: list[str]) -> int:
    """Do what the command line says; 2 when it says something we do not know."""
    complaint = version_complaint(sys.version_info)
    if complaint:
        sys.stderr.write(complaint + "\n")
        return 1
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        say(HELP.rstrip())
        return 0
    task, *rest = arguments
    if task not in EXTRAS:
        sys.stderr.write(f"There is no task {task!r}. There are: {', '.join(EXTRAS)}.\n")
        return 2
    try:
        return carry_out(task, rest)
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
