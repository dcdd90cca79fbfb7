"""The files of a release for a tag, checked by the programs that its users have."""

import hashlib
import json
import subprocess
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from infra.cloudformation.intrinsic import FUNCTIONS
from infra.package.bundle import write_zip
from infra.package.release import Release
from infra.publication import tagged_source as module
from infra.publication.__main__ import finish
from infra.publication.launch_link import launch_link, write_launch_template
from infra.publication.provenance import provenance
from infra.publication.tagged_source import CannotPublishError, TaggedSource, tagged_source

SOURCE = TaggedSource("v0.1.0", "0" * 40, "https://code.example/lockstep")
FILES = {"lockstep.zip": b"code", "template.json": b"{}", "web.zip": b"pages", "bom.json": b"{}"}


def publish(directory: Path) -> list[Path]:
    """Write a small release, and return all of its files."""
    for name, content in FILES.items():
        (directory / name).write_bytes(content)
    finish(directory, SOURCE)
    return sorted(directory.iterdir())


def test_sha256sum_checks_every_file_and_finds_a_changed_one(tmp_path: Path) -> None:
    names = {path.name for path in publish(tmp_path)}
    assert names == FILES.keys() | {"provenance.json", "SHA256SUMS"}
    check = ["sha256sum", "--check", "--strict", "SHA256SUMS"]
    good = subprocess.run(check, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert len(good.stdout.splitlines()) == len(FILES) + 1
    (tmp_path / "lockstep.zip").write_bytes(b"other code")
    bad = subprocess.run(check, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (bad.returncode, "lockstep.zip: FAILED" in bad.stdout) == (1, True)


def test_the_provenance_names_the_files_the_commit_and_the_locks(tmp_path: Path) -> None:
    publish(tmp_path)
    statement = json.loads((tmp_path / "provenance.json").read_text())
    assert (statement["_type"], statement["predicateType"]) == (
        "https://in-toto.io/Statement/v1",
        "https://slsa.dev/provenance/v1",
    )
    subjects = {subject["name"]: subject["digest"]["sha256"] for subject in statement["subject"]}
    assert subjects == {name: hashlib.sha256(content).hexdigest() for name, content in FILES.items()}
    commit, *locks = statement["predicate"]["buildDefinition"]["resolvedDependencies"]
    assert commit == {
        "uri": "git+https://code.example/lockstep@refs/tags/v0.1.0",
        "digest": {"gitCommit": SOURCE.commit},
    }
    assert {lock["name"] for lock in locks} == {"requirements.lock", "requirements/all.lock", "web/package-lock.json"}


def test_the_same_files_have_the_same_provenance_and_checksums(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for directory in (first, second):
        directory.mkdir()
    assert [path.read_bytes() for path in publish(first)] == [path.read_bytes() for path in publish(second)]


def test_a_zip_of_the_same_files_has_the_same_bytes(tmp_path: Path) -> None:
    for name in ("first.zip", "second.zip"):
        write_zip(tmp_path / name, FILES)
    assert (tmp_path / "first.zip").read_bytes() == (tmp_path / "second.zip").read_bytes()


def test_a_launch_link_names_a_template_whose_code_is_in_the_same_bucket(tmp_path: Path) -> None:
    release = Release.at(tmp_path)
    release.template.write_text(json.dumps({"Resources": {name: {"Properties": {}} for name in FUNCTIONS}}))
    template = json.loads(write_launch_template(release, "releases", "v0.1.0").read_text())
    keys = {json.dumps(template["Resources"][name]["Properties"]["CodeUri"]) for name in FUNCTIONS}
    assert keys == {json.dumps({"Bucket": "releases", "Key": "v0.1.0/lockstep.zip"})}
    link = urlsplit(launch_link("releases", "eu-west-1", "v0.1.0"))
    assert (link.hostname, link.query) == ("eu-west-1.console.aws.amazon.com", "region=eu-west-1")
    place, _, query = link.fragment.partition("?")
    assert (place, parse_qs(query)) == (
        "/stacks/create/review",
        {
            "templateURL": ["https://releases.s3.eu-west-1.amazonaws.com/v0.1.0/launch.json"],
            "stackName": ["lockstep"],
            "param_WebApp": ["off"],
        },
    )


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository of one commit, in place of the project's."""
    monkeypatch.setattr(module, "ROOT", tmp_path)
    (tmp_path / "app.py").write_text("")
    identity = ("-c", "user.name=Ada", "-c", "user.email=ada@example.com")
    for command in (("init", "-q"), ("add", "."), (*identity, "commit", "-q", "-m", "Serve the API")):
        subprocess.run(["git", *command], cwd=tmp_path, check=True)
    return tmp_path


def test_only_an_unchanged_commit_with_the_tag_of_the_version_is_a_release(repository: Path) -> None:
    with pytest.raises(CannotPublishError, match=r"no tag v0\.1\.0"):
        tagged_source("0.1.0")
    subprocess.run(["git", "tag", "v0.1.0"], cwd=repository, check=True)
    source = tagged_source("0.1.0")
    assert (source.tag, len(source.commit), source.address) == ("v0.1.0", 40, "")
    (repository / "app.py").write_text("changed")
    with pytest.raises(CannotPublishError, match=r"app\.py"):
        tagged_source("0.1.0")


@pytest.mark.parametrize(
    ("clone", "address"),
    [
        ("https://ada:secret-token@code.example/lockstep", "https://code.example/lockstep"),
        ("ssh://git@code.example/lockstep", "ssh://code.example/lockstep"),
        ("https://code.example/@ada/lockstep", "https://code.example/@ada/lockstep"),
    ],
)
def test_the_address_of_the_source_has_no_credentials(repository: Path, clone: str, address: str) -> None:
    for command in (("tag", "v0.1.0"), ("remote", "add", "origin", clone)):
        subprocess.run(["git", *command], cwd=repository, check=True)
    assert tagged_source("0.1.0").address == address


def test_the_provenance_of_a_clone_without_an_address_has_the_digest_of_the_commit_only() -> None:
    statement = json.loads(provenance([], TaggedSource("v0.1.0", "0" * 40, "")))
    commit = statement["predicate"]["buildDefinition"]["resolvedDependencies"][0]
    assert commit == {"digest": {"gitCommit": "0" * 40}}
