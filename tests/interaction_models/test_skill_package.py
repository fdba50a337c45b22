from __future__ import annotations

import json

import pytest
import yaml
from click.testing import CliRunner

from interaction_models.build import main
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
