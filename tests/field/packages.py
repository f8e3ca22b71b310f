"""The packages of the field tests, pinned, and how they are fetched: without what they need."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Package:
    """A wheel of the package index; `folder` is the part of it that is linted."""

    name: str
    version: str
    folder: str = ""


PACKAGES = (
    Package("keras", "3.15.1"),
    Package("tf-keras", "2.21.0"),
    Package("tf-models-official", "2.20.0"),
    Package("tensorflow-probability", "0.25.0"),
    Package("tf-agents", "0.19.0"),
    Package("dm-sonnet", "2.0.2"),
    Package("tensorflow-addons", "0.23.0"),
    Package("tensorflow-recommenders", "0.7.7"),
    Package("OpenNMT-tf", "2.32.0"),
    Package("spleeter", "2.4.2"),
    Package("tensorflow-cpu", "2.21.0", "tensorflow/python/distribute"),
)


def cache() -> Path:
    """Where wheels and their files are kept between runs: VARSYNC_FIELD_DIR, or the user's cache."""
    chosen = os.environ.get("VARSYNC_FIELD_DIR")
    base = Path(chosen) if chosen else Path.home() / ".cache" / "varsync-field"
    base.mkdir(parents=True, exist_ok=True)
    return base


def fetch(package: Package) -> Path:
    """The folder with a package's files; downloads and unpacks its wheel where that was not done."""
    target = cache() / f"{package.name}-{package.version}"
    if not target.exists():
        wheels = cache() / "wheels"
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--only-binary=:all:", "--python-version=3.11", "--dest", str(wheels)]
        subprocess.run([*command, f"{package.name}=={package.version}"], check=True)
        prefix = package.name.replace("-", "_").lower()
        wheel = next(
            path
            for path in sorted(wheels.glob(f"*-{package.version}-*.whl"))
            if path.name.lower().startswith(prefix + "-")
        )
        unpacked = target.with_suffix(".partial")
        with zipfile.ZipFile(wheel) as archive:
            members = [
                name
                for name in archive.namelist()
                if name.endswith((".py", ".ipynb")) and _wanted(name, package.folder)
            ]
            archive.extractall(unpacked, members)
        unpacked.rename(target)
    return target


def _wanted(name: str, folder: str) -> bool:
    """Whether a file is linted, or tells by its place which package a linted one belongs to."""
    return not folder or name.startswith(folder) or folder.startswith(name[: -len("__init__.py")])


def fetch_source(name: str, version: str) -> Path:
    """The folder with a package's source distribution, which has what its wheel leaves out."""
    target = cache() / f"{name}-{version}-source"
    if not target.exists():
        archives = cache() / "sources"
        command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        command += ["--no-binary=:all:", "--dest", str(archives), f"{name}=={version}"]
        subprocess.run(command, check=True)
        archive = next(
            path
            for path in archives.glob(f"*-{version}.tar.gz")
            if path.name.lower().replace("_", "-").startswith(name.lower() + "-")
        )
        unpacked = target.with_suffix(".partial")
        with tarfile.open(archive) as file:
            file.extractall(unpacked, filter="data")
        (whole,) = unpacked.iterdir()
        whole.rename(target)
        unpacked.rmdir()
    return target


def install(requirements: tuple[str, ...]) -> Path:
    """A folder in which these packages are installed, without what they need."""
    text = " ".join(requirements)
    digest = hashlib.sha256(text.encode()).hexdigest()[:12]
    target = cache() / f"beside-{sys.version_info[0]}{sys.version_info[1]}-{digest}"
    if not target.exists():
        partial = target.with_suffix(".partial")
        command = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps"]
        command += ["--only-binary=:all:", "--target", str(partial), *requirements]
        subprocess.run(command, check=True)
        partial.rename(target)
    return target
