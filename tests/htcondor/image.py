"""The folder that holds an HTCondor release, for tests on a real pool.

HTCondor is in Debian 13, so a minimal Debian 13 is unpacked once into a folder and kept in
the user's cache (about 530 MB, half a minute). Nothing of the host is changed but the apt
package `debootstrap`, and that only when asked for.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from pathlib import Path

RELEASE = "trixie"
MIRROR = os.environ.get("MPN_RL_DEBIAN_MIRROR", "http://deb.debian.org/debian")
# iproute2: the loopback device of a pool's own network; the rest: libraries that a Python installed
# by Debian 12's apt is linked with
COMMON = (
    *("iproute2", "libexpat1", "libffi8", "libssl3t64", "libsqlite3-0"),
    *("libbz2-1.0", "liblzma5", "zlib1g", "libuuid1", "libreadline8t64"),
)
PACKAGES = ("minicondor", *COMMON)
USER, UID = "pooluser", 61234
BUILD_SECONDS = 900


class PoolUnavailableError(Exception):
    """This machine cannot hold a pool; the message says why."""


def cache_folder() -> Path:
    """Where images are kept: MPN_RL_CACHE, else mpn-rl under the user's cache folder."""
    base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(os.environ.get("MPN_RL_CACHE") or Path(base) / "mpn-rl")


def image_path(name: str, packages: tuple[str, ...]) -> Path:
    """The image's folder; another recipe has another name, so an old image is never used."""
    recipe = repr((RELEASE, packages, USER, UID)).encode()
    return cache_folder() / f"{name}-{RELEASE}-{hashlib.sha256(recipe).hexdigest()[:8]}"


def require_machine() -> None:
    """Raise PoolUnavailableError unless this is root on Linux, with namespaces of its own."""
    if not sys.platform.startswith("linux"):
        raise PoolUnavailableError("a pool needs Linux")
    if os.geteuid() != 0:
        raise PoolUnavailableError("a pool needs root (chroot, mount namespaces)")
    for tool in ("unshare", "nsenter", "setpriv", "chroot", "mount"):
        if shutil.which(tool) is None:
            raise PoolUnavailableError(f"a pool needs `{tool}`")
    probe = ["unshare", "--mount", "--pid", "--net", "--uts", "--fork", "--kill-child", "true"]
    result = subprocess.run(probe, capture_output=True, text=True, timeout=30, check=False)
    if result.returncode != 0:
        raise PoolUnavailableError(f"no namespaces here: {result.stderr.strip()}")


def require_debootstrap(install: bool) -> None:
    """Raise PoolUnavailableError without debootstrap; with `install`, fetch it by apt-get first."""
    if shutil.which("debootstrap"):
        return
    if install and shutil.which("apt-get"):
        for command in (["update"], ["install", "-y", "--no-install-recommends", "debootstrap"]):
            subprocess.run(["apt-get", *command], capture_output=True, timeout=300, check=False)
    if not shutil.which("debootstrap"):
        raise PoolUnavailableError("no debootstrap here (Debian: apt-get install debootstrap)")


def ensure_image(
    install: bool = False, name: str = "htcondor", packages: tuple[str, ...] = PACKAGES
) -> Path:
    """Return the image's folder, built first if it is not there yet; safe to call in parallel."""
    require_machine()
    image = image_path(name, packages)
    if image.is_dir():
        return image
    require_debootstrap(install)
    image.parent.mkdir(parents=True, exist_ok=True)
    with (image.parent / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not image.is_dir():
            _build(image, packages)
    return image


def _build(image: Path, packages: tuple[str, ...]) -> None:
    partial = image.with_name(image.name + ".partial")
    shutil.rmtree(partial, ignore_errors=True)
    _checked(["debootstrap", "--variant=minbase", RELEASE, str(partial), MIRROR])
    install = "apt-get install -y --no-install-recommends " + " ".join(packages)
    _checked(["chroot", str(partial), "sh", "-c", f"DEBIAN_FRONTEND=noninteractive {install}"])
    _checked(["chroot", str(partial), "useradd", "-u", str(UID), "-m", "-s", "/bin/sh", USER])
    _checked(["chroot", str(partial), "apt-get", "clean"])
    # its own settings would start a pool as root; ours come by CONDOR_CONFIG
    partial.rename(image)


def _checked(command: list[str]) -> None:
    try:
        result = subprocess.run(
            command, capture_output=True, text=True, timeout=BUILD_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as error:
        raise PoolUnavailableError(f"{command[0]} took more than {BUILD_SECONDS} s") from error
    if result.returncode != 0:
        tail = (result.stdout + result.stderr)[-800:]
        raise PoolUnavailableError(f"{' '.join(command[:2])} failed:\n{tail}")
