from __future__ import annotations

import json
import zlib

import pytest
import yaml
from click.testing import CliRunner

from interaction_models.build import main
from interaction_models.icons import FOLDER, SIZES, draw_icon, read_icon
from interaction_models.skill_package import STORE_FILE, make_skill_package, read_store
from interaction_models.sources import SourceInvalid

ENDPOINT = "https://store.example/alexa"
MODELS = {"en-US": {"interactionModel": {}}, "el-GR": {"interactionModel": {}}}


def test_the_package_has_the_manifest_and_the_models_of_alexas_languages():
    made = make_skill_package(MODELS, read_store(), ENDPOINT)
    assert {
        "ask-resources.json",
        "skill-package/skill.json",
        "skill-package/interactionModels/custom/en-US.json",
        "skill-package/assets/images/en-US_smallIcon.png",
        "skill-package/assets/images/en-US_largeIcon.png",
    } == set(made)
    manifest = made["skill-package/skill.json"]["manifest"]
    assert ["en-US"] == list(manifest["publishingInformation"]["locales"])
    assert {"uri": ENDPOINT, "sslCertificateType": "Trusted"} == manifest["apis"]["custom"]["endpoint"]
    assert manifest["privacyAndCompliance"]["allowsPurchases"]


def test_a_lambda_function_is_an_endpoint_too():
    arn = "arn:aws:lambda:us-east-1:123456789012:function:sayso"
    manifest = make_skill_package(MODELS, read_store(), arn)["skill-package/skill.json"]["manifest"]
    assert {"uri": arn} == manifest["events"]["endpoint"]


@pytest.mark.parametrize("endpoint", ["", "http://store.example/alexa", "store.example", "arn:aws:s3:::bucket"])
def test_what_is_no_endpoint_is_refused(endpoint):
    with pytest.raises(SourceInvalid, match="endpoint"):
        make_skill_package(MODELS, read_store(), endpoint)


def test_a_language_without_words_for_the_skill_store_is_named():
    with pytest.raises(SourceInvalid, match="de-DE"):
        make_skill_package(MODELS | {"de-DE": {}}, read_store(), ENDPOINT)


@pytest.mark.parametrize(
    ("path", "value", "why"),
    [
        ("name", "", "name: write 1 to 50"),
        ("summary", "x" * 161, "summary: write 1 to 160"),
        ("phrases", [], "phrases: write 1 to 3"),
        ("phrases", ["a", "b", "c", "d"], "phrases: write 1 to 3"),
        ("privacy_page", "http://store.example", "privacy_page: write an https"),
        ("terms_page", None, "terms_page: write an https"),
    ],
)
def test_what_amazon_would_refuse_is_refused(tmp_path, path, value, why):
    store = yaml.safe_load(STORE_FILE.read_text("utf-8"))
    store["locales"]["en-US"][path] = value
    (tmp_path / "own.yaml").write_text(yaml.safe_dump(store), "utf-8")
    with pytest.raises(SourceInvalid, match=why):
        read_store(tmp_path / "own.yaml")


@pytest.mark.parametrize("text", ["", "[]", "locales: 7", "locales: {en-US: 7}\ndistribution: [US]\ntesting: x", "{"])
def test_a_file_that_is_none_is_refused(tmp_path, text):
    (tmp_path / "own.yaml").write_text(text, "utf-8")
    with pytest.raises(SourceInvalid):
        read_store(tmp_path / "own.yaml")


def pixels(icon):
    """Width, height and the lines of a PNG, whoever compressed it."""
    length = int.from_bytes(icon[33:37])
    return icon[:33], zlib.decompress(icon[41 : 41 + length])


def test_the_icons_are_what_the_command_draws():
    assert pixels(draw_icon(SIZES["small"])) == pixels(read_icon(FOLDER / "small.png", SIZES["small"]))
    assert read_icon(FOLDER / "large.png", SIZES["large"])


def test_a_store_has_icons_and_pages_of_its_own(tmp_path):
    for name in SIZES:
        (tmp_path / f"own-{name}.png").write_bytes((FOLDER / f"{name}.png").read_bytes() + b"own")
    store = yaml.safe_load(STORE_FILE.read_text("utf-8")) | {"icons": {name: f"own-{name}.png" for name in SIZES}}
    (tmp_path / "own.yaml").write_text(yaml.safe_dump(store), "utf-8")
    pages = ["--privacy-page", "https://own.example/privacy", "--terms-page", "https://own.example/terms"]
    given = ["package", str(tmp_path / "p"), "--endpoint", ENDPOINT, "--store", str(tmp_path / "own.yaml")]
    assert 0 == CliRunner().invoke(main, [*given, *pages]).exit_code
    written = tmp_path / "p" / "skill-package"
    manifest = json.loads((written / "skill.json").read_text("utf-8"))["manifest"]
    assert {"https://own.example/privacy https://own.example/terms"} == {
        f"{each['privacyPolicyUrl']} {each['termsOfUseUrl']}"
        for each in manifest["privacyAndCompliance"]["locales"].values()
    }
    for locale, shown in manifest["publishingInformation"]["locales"].items():
        for uri in (shown["smallIconUri"], shown["largeIconUri"]):
            assert uri.startswith(f"file://assets/images/{locale}_")
            assert (written / uri.removeprefix("file://")).read_bytes().endswith(b"own")
    refused = CliRunner().invoke(main, [*given, "--terms-page", "http://own.example"])
    assert "terms_page: write an https address" in refused.output


@pytest.mark.parametrize("wrong", ["missing.png", "large.png", "no.png"])
def test_an_icon_of_another_size_or_sort_is_refused(tmp_path, wrong):
    (tmp_path / "no.png").write_bytes(b"GIF89a")
    (tmp_path / "large.png").write_bytes((FOLDER / "large.png").read_bytes())
    store = yaml.safe_load(STORE_FILE.read_text("utf-8")) | {"icons": {"small": wrong}}
    (tmp_path / "own.yaml").write_text(yaml.safe_dump(store), "utf-8")
    with pytest.raises(SourceInvalid, match=wrong):
        read_store(tmp_path / "own.yaml")


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    folder = tmp_path_factory.mktemp("package")
    done = CliRunner().invoke(main, ["package", str(folder), "--endpoint", ENDPOINT])
    assert 0 == done.exit_code, done.output
    return folder


def test_the_command_writes_it_with_the_models_that_are_committed(package):
    built = STORE_FILE.parent / "alexa" / "en-US.json"
    written = package / "skill-package" / "interactionModels" / "custom" / "en-US.json"
    assert json.loads(built.read_text("utf-8")) == json.loads(written.read_text("utf-8"))
    phrases = json.loads((package / "skill-package" / "skill.json").read_text("utf-8"))["manifest"][
        "publishingInformation"
    ]
    model = json.loads(written.read_text("utf-8"))["interactionModel"]["languageModel"]
    assert all(model["invocationName"] in each for each in phrases["locales"]["en-US"]["examplePhrases"])


@pytest.mark.clients
@pytest.mark.filterwarnings("ignore")
def test_amazons_management_model_reads_the_manifest_whole(package):
    from ask_sdk_core.serialize import DefaultSerializer
    from ask_smapi_model.v1.skill.manifest import skill_manifest_envelope

    written = json.loads((package / "skill-package" / "skill.json").read_text("utf-8"))
    serializer = DefaultSerializer()
    envelope = skill_manifest_envelope.SkillManifestEnvelope
    read = serializer.serialize(serializer.deserialize(json.dumps(written), envelope))
    assert written == without_nulls(read)


def without_nulls(value):
    if isinstance(value, dict):
        return {key: without_nulls(each) for key, each in value.items() if each is not None}
    return [without_nulls(each) for each in value] if isinstance(value, list) else value
