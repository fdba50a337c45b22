"""Published catalogues in a bucket, on moto: what an instance answers from, whatever it finds there."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError
from botocore.session import get_session
from moto import mock_aws

from skill.adapters.aws.publications import LOOK_EVERY, BucketPublications, CatalogueFollower
from skill.app import build_app
from skill.catalogues import import_catalogue, open_feed, roll_back
from skill.errors import CatalogueMissing, StorageError
from skill.ports import PUBLICATIONS_MAX, Publication
from skill.settings import Settings
from skill.shop.catalogue import Sku
from skill.turn import Kind, Turn
from tests.contracts import dynamodb_local
from tests.contracts.stores import NOON, SetClock

ROOT = Path(__file__).parents[3]
SAMPLE = ROOT / "skill" / "sample"
BUCKET = "catalogues"
POINTER = "catalogue/published.json"


class Faulty:
    """An S3 client whose answers can be lost, and which counts what was fetched."""

    def __init__(self, client: Any) -> None:
        self._client = client
        self.fails = False
        self.fetched: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def get_object(self, **wanted: Any) -> Any:
        if self.fails:
            raise ReadTimeoutError(endpoint_url="https://s3")
        self.fetched.append(wanted["Key"])
        return self._client.get_object(**wanted)


@pytest.fixture
def s3(monkeypatch: pytest.MonkeyPatch) -> Iterator[Faulty]:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "tests")
    with mock_aws():
        client = get_session().create_client("s3", region_name="us-east-1")
        client.create_bucket(Bucket=BUCKET)
        yield Faulty(client)


class Instance:
    """One running function: its folder, its clock, and the index that it answers from."""

    def __init__(self, s3: Any, folder: Path) -> None:
        self.current = folder / "catalogue.index"
        self.clock = SetClock()
        self.publications = BucketPublications(s3, BUCKET, folder / "catalogues")
        self.follower = CatalogueFollower(self.publications, self.current, self.clock, _version)

    def answers_from(self) -> str | None:
        return self.current.read_text() if self.current.exists() else None

    def turn(self, after: timedelta = timedelta(0)) -> str | None:
        """A turn so long after the one before, and what answers when all that it began has ended."""
        self.clock.now += after
        self.follower.look()
        for thread in threading.enumerate():
            if thread.name == "catalogue":
                thread.join(10)
        return self.answers_from()


def _version(path: Path) -> str:
    try:
        kind, _, version = path.read_text().partition(" ")
    except OSError as error:
        raise CatalogueMissing("none") from error
    if kind != "index":
        raise CatalogueMissing("no index")
    return version


@pytest.fixture
def instance(s3: Faulty, tmp_path: Path) -> Instance:
    folder = tmp_path / "instance"
    folder.mkdir()
    return Instance(s3, folder)


@pytest.fixture
def publish(s3: Faulty, tmp_path: Path) -> Any:
    shop = BucketPublications(s3, BUCKET, tmp_path / "shop")

    def publish(version: str, text: str = "") -> Publication:
        built = tmp_path / "built"
        built.write_text(text or f"index {version}")
        publication = Publication(version, 3, NOON)
        shop.publish(built, publication)
        return publication

    return publish


def keys(s3: Faulty) -> set[str]:
    return {each["Key"] for each in s3.list_objects_v2(Bucket=BUCKET).get("Contents", ())}


def test_an_instance_starts_with_the_published_catalogue(instance: Instance, publish: Any) -> None:
    publish("7-a")
    instance.follower.start()
    assert "index 7-a" == instance.answers_from()


def test_an_index_that_is_kept_is_in_the_bucket_and_answers_nobody(
    instance: Instance, publish: Any, s3: Faulty, tmp_path: Path
) -> None:
    publish("7-a")
    instance.follower.start()
    (tmp_path / "next").write_text("index 7-b")
    publication = Publication("7-b", 3, NOON)
    before = keys(s3)
    kept = instance.publications.keep(tmp_path / "next", publication)
    assert 1 == len(keys(s3) - before)
    assert "index 7-a" == instance.turn(LOOK_EVERY)
    after = keys(s3)
    instance.publications.publish(kept, publication)
    assert after == keys(s3)
    assert "index 7-b" == instance.turn(LOOK_EVERY)


def test_without_a_catalogue_an_instance_starts_with_none(instance: Instance) -> None:
    instance.follower.start()
    assert None is instance.answers_from()


def test_a_new_catalogue_is_taken_within_a_minute_and_not_looked_for_each_turn(
    instance: Instance, publish: Any, s3: Faulty
) -> None:
    publish("7-a")
    instance.follower.start()
    publish("7-b")
    assert "index 7-a" == instance.turn(LOOK_EVERY / 2)
    fetched = len(s3.fetched)
    assert "index 7-a" == instance.turn()
    assert fetched == len(s3.fetched)
    assert "index 7-b" == instance.turn(LOOK_EVERY)


def test_what_has_not_changed_is_not_fetched_again(instance: Instance, publish: Any, s3: Faulty) -> None:
    publish("7-a")
    instance.follower.start()
    s3.fetched.clear()
    instance.turn(LOOK_EVERY)
    assert [POINTER] == s3.fetched


def test_what_the_package_brought_along_is_not_fetched(instance: Instance, publish: Any, s3: Faulty) -> None:
    publish("7-a")
    instance.current.write_text("index 7-a")
    s3.fetched.clear()
    instance.follower.start()
    assert [POINTER] == s3.fetched


def test_the_old_one_answers_while_the_new_one_is_being_fetched(instance: Instance, publish: Any, s3: Faulty) -> None:
    publish("7-a")
    instance.follower.start()
    publish("7-b")
    may_go_on = threading.Event()
    fetch = s3.get_object

    def wait_and_fetch(**wanted: Any) -> Any:
        may_go_on.wait(10)
        return fetch(**wanted)

    s3.get_object = wait_and_fetch  # type: ignore[method-assign]
    instance.clock.now += LOOK_EVERY
    instance.follower.look()
    assert "index 7-a" == instance.answers_from()
    may_go_on.set()
    assert "index 7-b" == instance.turn()


def test_a_missing_index_leaves_the_old_one_and_is_taken_once_it_is_there(
    instance: Instance, publish: Any, s3: Faulty, caplog: pytest.LogCaptureFixture
) -> None:
    publish("7-a")
    instance.follower.start()
    before = keys(s3)
    publish("7-b")
    (index,) = keys(s3) - before
    s3.delete_object(Bucket=BUCKET, Key=index)
    assert "index 7-a" == instance.turn(LOOK_EVERY)
    assert "publish the catalogue again" in caplog.text
    publish("7-b")
    assert "index 7-b" == instance.turn(LOOK_EVERY)


def test_an_index_that_was_changed_in_the_bucket_is_not_taken(
    instance: Instance, publish: Any, s3: Faulty, caplog: pytest.LogCaptureFixture
) -> None:
    publish("7-a")
    instance.follower.start()
    before = keys(s3)
    publish("7-b")
    (index,) = keys(s3) - before
    s3.put_object(Bucket=BUCKET, Key=index, Body=b"index 7-b, changed")
    assert "index 7-a" == instance.turn(LOOK_EVERY)
    assert "is not what was published" in caplog.text
    assert [] == list((instance.current.parent / "catalogues").iterdir())


def test_an_index_of_another_format_is_fetched_once_and_not_taken(
    instance: Instance, publish: Any, s3: Faulty, caplog: pytest.LogCaptureFixture
) -> None:
    publish("7-a")
    instance.follower.start()
    publish("9-x", "something else")
    assert "index 7-a" == instance.turn(LOOK_EVERY)
    s3.fetched.clear()
    assert "index 7-a" == instance.turn(LOOK_EVERY)
    assert [POINTER] == s3.fetched
    assert "catalogue 9-x is not taken" in caplog.text


def test_an_instance_that_starts_over_a_bad_catalogue_answers_from_the_one_before(
    instance: Instance, publish: Any
) -> None:
    publish("7-a")
    publish("9-x", "something else")
    instance.follower.start()
    assert "index 7-a" == instance.answers_from()


def test_a_bucket_that_does_not_answer_leaves_the_old_one(
    instance: Instance, publish: Any, s3: Faulty, caplog: pytest.LogCaptureFixture
) -> None:
    publish("7-a")
    instance.follower.start()
    publish("7-b")
    s3.fails = True
    assert "index 7-a" == instance.turn(LOOK_EVERY)
    assert "the catalogue is not refreshed" in caplog.text
    s3.fails = False
    assert "index 7-b" == instance.turn(LOOK_EVERY)


def test_two_publishers_at_the_same_moment_do_not_lose_each_other(
    s3: Faulty, publish: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    publish("7-a")
    slow = BucketPublications(s3, BUCKET, tmp_path / "slow")
    put_index = slow._put_index

    def meanwhile(index: Path, new: Any) -> None:
        put_index(index, new)
        publish("7-b")

    monkeypatch.setattr(slow, "_put_index", meanwhile)
    built = tmp_path / "mine"
    built.write_text("index 7-c")
    with pytest.raises(StorageError, match="at the same moment"):
        slow.publish(built, Publication("7-c", 3, NOON))
    assert ["7-b", "7-a"] == [each.version for each in slow.history()]


def test_two_first_publishers_do_not_lose_each_other(
    s3: Faulty, publish: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = BucketPublications(s3, BUCKET, tmp_path / "slow")
    monkeypatch.setattr(slow, "_put_index", lambda *_: publish("7-b"))
    built = tmp_path / "mine"
    built.write_text("index 7-c")
    with pytest.raises(StorageError, match="at the same moment"):
        slow.publish(built, Publication("7-c", 3, NOON))
    assert ["7-b"] == [each.version for each in slow.history()]


def test_those_beyond_the_limit_are_deleted_and_the_rest_can_be_fetched(
    instance: Instance, publish: Any, s3: Faulty
) -> None:
    for number in range(PUBLICATIONS_MAX + 2):
        publish(f"7-{number}")
    assert PUBLICATIONS_MAX + 1 == len(keys(s3))
    assert f"7-{PUBLICATIONS_MAX + 1}" == instance.publications.history()[0].version
    assert "index 7-2" == instance.publications.fetch("7-2").read_text()
    with pytest.raises(CatalogueMissing, match="7-0 is not kept"):
        instance.publications.fetch("7-0")


def test_a_pointer_that_is_no_list_is_said_to_be_one(instance: Instance, s3: Faulty) -> None:
    s3.put_object(Bucket=BUCKET, Key=POINTER, Body=b"[[1]]")
    with pytest.raises(StorageError, match="publish the catalogue again"):
        instance.publications.history()


def test_a_store_on_aws_publishes_and_rolls_back_and_its_turns_follow(
    s3: Faulty, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    # moto stands in for AWS behind botocore's clients alone.
    monkeypatch.setattr("skill.adapters.aws.clients.make_json_client", lambda *which, **limits: None)
    monkeypatch.setattr("skill.adapters.aws.clients.make_file_client", lambda *which, **limits: None)
    client = get_session().create_client("dynamodb", region_name="us-east-1")
    dynamodb_local.create_table(client, "store")
    settings = Settings(data_dir=tmp_path, keys_dir=tmp_path, table="store", master="m" * 32, catalogue_bucket=BUCKET)
    shutil.copyfile(SAMPLE / "store.yaml", tmp_path / "store.yaml")
    clock = SetClock()
    with closing(build_app(settings, clock=clock, dynamodb=client)) as app:
        for generation in (1, 2):
            feed = tmp_path / f"{generation}.csv"
            feed.write_text(f"sku,title,price,quantity\ntea,Black Tea {generation},{generation}.00,5\n")
            import_catalogue(app, open_feed(app, feed))
        assert 2 == len(app.ports.publications.history())

        def title_after_a_minute() -> str:
            clock.now += LOOK_EVERY
            with app.reading(Turn("alexa", "store", "user", "session", "request", "en-US", Kind.LAUNCH)):
                pass
            for thread in threading.enumerate():
                if thread.name == "catalogue":
                    thread.join(10)
            product = app.ports.catalogue.product(Sku("tea"))
            return product.title if product else ""

        assert "Black Tea 2" == title_after_a_minute()
        roll_back(app, app.ports.publications.history()[1].version)
        assert "Black Tea 1" == title_after_a_minute()
        assert 100 == app.ports.inventory.items([Sku("tea")])[Sku("tea")].price.amount
