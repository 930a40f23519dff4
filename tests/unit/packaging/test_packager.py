"""Packages: reproducible, complete, and made without running anything of the project or of a package."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from bunsui.errors import PackagingFailed
from bunsui.folders.user import user_folders
from bunsui.model.resource import CodeSource
from bunsui.packaging.cache import PackageCache
from bunsui.packaging.packager import FolderPackager, UserCache
from bunsui.project.files import RootFolder

BOMB = "open({marker!r}, 'w').write('executed')\n"


class Project:
    """A project folder and a package index made of files, both in a temporary folder."""

    def __init__(self, root: Path) -> None:
        self.root = root / "project"
        self.index = root / "index"
        self.cache = root / "cache"
        self.marker = root / "executed"
        for folder in (self.root / "fn", self.index):
            folder.mkdir(parents=True)
        (self.root / "fn" / "app.py").write_text("def handler(event, context):\n    return 1\n")

    def wheel(self, name: str, files: Mapping[str, str], *, tag: str = "py3-none-any", needs: tuple[str, ...] = ()) -> str:
        """Put a wheel of version 1.0 into the index; give its line for the lock."""
        path = self.index / f"{name}-1.0-{tag}.whl"
        info = f"{name}-1.0.dist-info"
        metadata = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n" + "".join(
            f"Requires-Dist: {need}\n" for need in needs
        )
        with zipfile.ZipFile(path, "w") as archive:
            for inner, text in files.items():
                archive.writestr(inner, text)
            archive.writestr(f"{info}/METADATA", metadata)
            archive.writestr(f"{info}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tag}\n")
            archive.writestr(f"{info}/RECORD", "")
        return f"{name}==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"

    def sdist(self, name: str) -> str:
        """Put a source archive whose setup.py leaves a mark when it runs; give its line for the lock."""
        path = self.index / f"{name}-1.0.tar.gz"
        with tarfile.open(path, "w:gz") as archive:
            files = {
                "setup.py": BOMB.format(marker=str(self.marker)),
                "PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
            }
            for inner, text in files.items():
                entry = tarfile.TarInfo(f"{name}-1.0/{inner}")
                entry.size = len(text)
                archive.addfile(entry, io.BytesIO(text.encode()))
        return f"{name}==1.0 --hash=sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}\n"

    def lock(self, *lines: str) -> None:
        """Write the lock file."""
        (self.root / "requirements.txt").write_text("".join(lines))

    def packager(self, *, for_this_machine: bool = False) -> FolderPackager:
        """Return a packager that knows no index but the one here."""
        environment = {**os.environ, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(self.index)}
        cache = PackageCache(self.cache, key=b"k" * 32)
        return FolderPackager(RootFolder(self.root), lambda: cache, for_this_machine=for_this_machine, environment=environment)

    def package(self, *, locked: bool = True, architecture: str = "x86_64", for_this_machine: bool = False) -> bytes:
        """Return the archive of the folder `fn`."""
        code = CodeSource(
            path="fn",
            requirements="requirements.txt" if locked else None,
            runtime="python3.12",
            architecture=architecture,
            digest="sha256:" + "0" * 64,
        )
        return self.packager(for_this_machine=for_this_machine).package(code).zip_bytes


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return Project(tmp_path)


def names(content: bytes) -> list[str]:
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return archive.namelist()


def test_a_folder_without_requirements_is_just_the_folder(project: Project) -> None:
    (project.root / "fn" / "lib").mkdir()
    (project.root / "fn" / "lib" / "inner.py").write_text("x = 1\n")

    assert names(project.package(locked=False)) == ["app.py", "lib/inner.py"]


def test_a_cache_that_cannot_be_written_is_told_with_its_file(project: Project) -> None:
    project.cache.parent.mkdir(parents=True, exist_ok=True)
    project.cache.write_text("in the way")
    with pytest.raises(PackagingFailed) as caught:
        project.package(locked=False)
    assert caught.value.code == "package-cache-unusable"
    assert "apply again" in caught.value.hint


def test_the_sha_is_what_lambda_reports(project: Project) -> None:
    code = CodeSource(path="fn", requirements=None, runtime="python3.12", architecture="x86_64", digest="")
    package = project.packager().package(code)

    assert base64.b64decode(package.sha256_base64) == hashlib.sha256(package.zip_bytes).digest()


def test_locked_wheels_lie_beside_the_code_without_scripts(project: Project) -> None:
    files = {"tool/__init__.py": "", "tool-1.0.data/scripts/tool": "#!python\n", "tool-1.0.data/purelib/extra.py": ""}
    project.lock(project.wheel("tool", files))

    inside = names(project.package())

    assert {"app.py", "tool/__init__.py", "extra.py", "tool-1.0.dist-info/METADATA"} <= set(inside)
    assert not [name for name in inside if "scripts" in name or name.startswith("bin/")]


def test_the_bytes_do_not_depend_on_umask_order_or_time(tmp_path: Path) -> None:
    archives = []
    for number, umask in enumerate((0o022, 0o077)):
        project = Project(tmp_path / str(number))
        before = os.umask(umask)
        try:
            files = ["z.py", "a.py", "m/n.py"] if number else ["m/n.py", "a.py", "z.py"]
            for name in files:
                path = project.root / "fn" / name
                path.parent.mkdir(exist_ok=True)
                path.write_text(name)
                os.utime(path, (1e9 * (number + 1), 1e9))
            (project.root / "fn" / "a.py").chmod(0o755 if number else 0o700)
        finally:
            os.umask(before)
        lines = [project.wheel("one", {"one.py": "1"}), project.wheel("two", {"two.py": "2"})]
        project.index.joinpath("one-1.0-py3-none-any.whl").touch()
        project.lock(*(lines if number else reversed(lines)))
        archives.append(project.package(locked=False))

    assert archives[0] == archives[1]


def test_the_order_of_the_lock_does_not_matter(project: Project) -> None:
    lines = [project.wheel("one", {"one.py": "1"}), project.wheel("two", {"two.py": "2"})]
    project.lock(*lines)
    first = project.package()
    project.lock("# a comment\n", *reversed(lines))

    assert project.package() == first


def test_a_package_without_a_wheel_is_named_and_not_built(project: Project) -> None:
    project.lock(project.wheel("fine", {"fine.py": ""}), project.sdist("onlysource"))

    with pytest.raises(PackagingFailed) as caught:
        project.package()

    assert caught.value.code == "package-without-wheel"
    assert caught.value.facts["package"].startswith("onlysource")
    assert not project.marker.exists()


def test_nothing_of_the_folder_runs(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("setup.py", "sitecustomize.py", "usercustomize.py", "pip.py", "json.py"):
        (project.root / "fn" / name).write_text(BOMB.format(marker=str(project.marker)))
    project.lock(project.wheel("fine", {"fine.py": ""}))
    monkeypatch.chdir(project.root / "fn")
    monkeypatch.setenv("PYTHONPATH", str(project.root / "fn"))

    inside = names(project.package())

    assert "sitecustomize.py" in inside
    assert not project.marker.exists()


def test_pip_sees_no_credentials(project: Project, tmp_path: Path) -> None:
    from bunsui.packaging.wheels import _pip_environment

    host = {
        "PATH": "/bin",
        "AWS_SECRET_ACCESS_KEY": "s",
        "AWS_PROFILE": "p",
        "GITHUB_TOKEN": "t",
        "PIP_INDEX_URL": "https://i.example",
    }
    host |= {"PYTHONPATH": str(tmp_path), "PIP_NO_BINARY": ":all:", "https_proxy": "http://proxy.example"}

    assert _pip_environment(host).keys() & host.keys() == {"PATH", "PIP_INDEX_URL", "https_proxy"}


def test_other_bytes_than_the_locked_ones_are_refused(project: Project) -> None:
    line = project.wheel("changed", {"changed.py": "1"})
    project.wheel("changed", {"changed.py": "2"})
    project.lock(line)

    with pytest.raises(PackagingFailed) as caught:
        project.package()

    assert caught.value.code == "package-bytes-differ"
    assert caught.value.facts["package"] == "changed==1.0"


def test_a_lock_that_leaves_out_a_dependency_is_refused(project: Project) -> None:
    project.lock(project.wheel("outer", {"outer.py": ""}, needs=("Inner.Part>=2", "other; extra == 'x'")))

    with pytest.raises(PackagingFailed) as caught:
        project.package()

    assert caught.value.code == "lock-incomplete"
    assert (caught.value.facts["package"], caught.value.facts["needs"]) == ("outer", "Inner.Part>=2")


def test_a_warm_cache_needs_no_index(project: Project) -> None:
    project.lock(project.wheel("fine", {"fine.py": ""}))
    first = project.package()
    for wheel in project.index.iterdir():
        wheel.unlink()

    assert project.package() == first
    (project.root / "fn" / "app.py").write_text("changed = True\n")
    changed = project.package()
    assert changed != first
    assert names(changed) == names(first)


def test_a_cached_archive_that_was_changed_is_built_again(project: Project) -> None:
    first = project.package(locked=False)
    (cached,) = project.cache.glob("*.zip")
    cached.write_bytes(b"somebody wrote here")

    assert project.package(locked=False) == first


def test_native_wheels_are_chosen_for_the_functions_platform(project: Project) -> None:
    intel = project.wheel("native", {"which.py": "intel"}, tag="cp312-cp312-manylinux_2_28_x86_64")
    arm = project.wheel("native", {"which.py": "arm"}, tag="cp312-cp312-manylinux_2_28_aarch64")
    project.lock(f"{intel.strip()} {arm.split()[1]}\n")

    for architecture, expected in (("x86_64", b"intel"), ("arm64", b"arm")):
        with zipfile.ZipFile(io.BytesIO(project.package(architecture=architecture))) as archive:
            assert archive.read("which.py") == expected


def of_two_targets(project: Project) -> tuple[str, str]:
    """Put a wheel for this interpreter and one for the function's runtime into the index; give their lines."""
    python = f"cp{sys.version_info.major}{sys.version_info.minor}"
    tags = subprocess.run([sys.executable, "-m", "pip", "debug", "--verbose"], capture_output=True, text=True).stdout.split()
    here = next(tag for tag in tags if tag.startswith(f"{python}-{python}-"))
    there = "cp312-cp312-manylinux_2_28_x86_64"
    return project.wheel("native", {"which.py": "here"}, tag=here), project.wheel("native", {"which.py": "there"}, tag=there)


@pytest.mark.skipif(sys.version_info.minor == 12, reason="this interpreter is that of the runtime")
def test_the_embedded_aws_gets_wheels_for_this_interpreter(project: Project) -> None:
    here, there = of_two_targets(project)
    project.lock(f"{here.strip()} {there.split()[1]}\n")

    for for_this_machine, expected in ((True, b"here"), (False, b"there")):
        with zipfile.ZipFile(io.BytesIO(project.package(for_this_machine=for_this_machine))) as archive:
            assert archive.read("which.py") == expected


@pytest.mark.skipif(sys.version_info.minor == 12, reason="this interpreter is that of the runtime")
def test_a_package_without_a_wheel_for_lambda_is_missed_on_the_laptop_too(project: Project) -> None:
    here, there = of_two_targets(project)
    (project.index / "native-1.0-cp312-cp312-manylinux_2_28_x86_64.whl").unlink()
    project.lock(f"{here.strip()} {there.split()[1]}\n")

    with pytest.raises(PackagingFailed) as caught:
        project.package(for_this_machine=True)

    assert (caught.value.code, caught.value.facts["python"]) == ("package-without-wheel", "3.12")


@pytest.mark.slow
@pytest.mark.parametrize("for_this_machine", [True, False])
def test_a_package_is_no_larger_than_lambda_takes(project: Project, for_this_machine: bool) -> None:
    (project.root / "fn" / "model.bin").write_bytes(os.urandom(51 * 1024 * 1024))

    with pytest.raises(PackagingFailed) as caught:
        project.package(locked=False, for_this_machine=for_this_machine)

    assert (caught.value.code, caught.value.facts["zipped"]) == ("package-too-large", "51.0 MiB of 50")


def test_a_runtime_whose_python_is_not_here_is_told_once(project: Project) -> None:
    told: list[str] = []
    cache = PackageCache(project.cache, key=b"k" * 32)
    packager = FolderPackager(
        RootFolder(project.root), lambda: cache, for_this_machine=True, environment={"PATH": ""}, notice=told.append
    )
    names = ("python3.14", "python3.14", "python3.14", f"python3.{sys.version_info.minor}")
    codes = [CodeSource(path="fn", requirements=None, runtime=one, architecture="x86_64", digest="sha256:0") for one in names]
    with ThreadPoolExecutor(len(codes)) as pool:  # as an apply does
        assert len(list(pool.map(packager.package, codes))) == len(codes)
    other = [] if sys.version_info.minor == 14 else ["there is no python3.14 on the PATH"]
    assert [text.partition(":")[0] for text in told] == other


def test_a_file_that_hides_a_package_is_refused(project: Project) -> None:
    (project.root / "fn" / "tool.py").write_text("mine = 1\n")
    project.lock(project.wheel("tool", {"tool.py": "theirs = 1\n"}))

    with pytest.raises(PackagingFailed) as caught:
        project.package()

    assert (caught.value.code, caught.value.facts["path"]) == ("code-hides-package", "tool.py")


@pytest.mark.parametrize("path", ["../outside.py", "/absolute.py", "a/../../b.py"])
def test_a_wheel_that_leads_out_is_refused(project: Project, path: str) -> None:
    project.lock(project.wheel("evil", {path: "x"}))

    with pytest.raises(PackagingFailed) as caught:
        project.package()

    assert caught.value.code == "wheel-unsafe"


def test_a_condition_that_this_machine_would_judge_is_refused(project: Project) -> None:
    line = project.wheel("conditional", {"conditional.py": ""})
    name, hashes = line.split()
    project.lock(f'{name} ; python_version < "3.12" {hashes}\n')

    with pytest.raises(PackagingFailed) as caught:
        project.package()

    assert caught.value.code == "lock-for-many-platforms"
    assert caught.value.facts["condition"] == 'python_version < "3.12"'


def test_a_runtime_that_is_not_python_cannot_have_requirements(project: Project) -> None:
    project.lock(project.wheel("fine", {"fine.py": ""}))
    code = CodeSource(path="fn", requirements="requirements.txt", runtime="nodejs22.x", architecture="x86_64", digest="")

    with pytest.raises(PackagingFailed) as caught:
        project.packager().package(code)

    assert caught.value.code == "runtime-not-packaged"


def test_without_a_home_the_same_package_is_made_and_it_is_told_once(project: Project, tmp_path: Path) -> None:
    told: list[str] = []
    code = CodeSource(path="fn", requirements=None, runtime="python3.12", architecture="x86_64", digest="")
    user = user_folders({"HOME": str(tmp_path / "nowhere")}, outside=project.root)
    packager = FolderPackager(RootFolder(project.root), UserCache(user, told.append))

    assert told == []
    assert packager.package(code) == packager.package(code) == project.packager().package(code)
    assert len(told) == 1
