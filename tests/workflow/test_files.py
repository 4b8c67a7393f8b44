"""What a person sees whose text, weights or download are not what they should be."""

import json
import unicodedata

import keras
import pytest
from checkouts import Checkout, harbour_checkout


@pytest.fixture(scope="module")
def checkout(tmp_path_factory):
    return harbour_checkout(tmp_path_factory.mktemp("files"))


def said(checkout: Checkout, overlay: str, target: str) -> list[str]:
    """The lines printed by a run of the overlay that fails at the target."""
    (checkout.folder / "config/broken.yaml").write_text(overlay)
    target = f"results/harbour-broken/{target}"
    printed = checkout.run("--", target, overlays=("harbour", "broken"), succeeds=False)
    assert "Traceback" not in printed
    return printed.splitlines()


def test_an_alphabet_too_large(checkout):
    points = [point for point in range(0x20, 0x30000) if chr(point).isprintable()]
    (checkout.folder / "all.txt").write_text("".join(map(chr, points)), encoding="utf-8")
    overlay = "parts: [text]\ntext: {corpus: all.txt}\n"
    sentence = said(checkout, overlay, "text/corpus.json")[-1]
    assert sentence.startswith("prepare_corpus: all.txt has ")
    assert sentence.endswith("; replace rare characters, or lower text.batch or text.window.")


def test_a_prompt_typed_on_another_system(checkout):
    """Its é is two characters, the corpus' one."""
    (checkout.folder / "letters.txt").write_text("mon café préféré, où es-tu ? " * 500)
    prompt = unicodedata.normalize("NFD", "mon café")
    overlay = f"parts: [text]\ntext: {{corpus: letters.txt, sampling: {{prompt: {prompt}}}}}\n"
    (checkout.folder / "config/cafe.yaml").write_text(overlay)
    checkout.run("--", "results/cafe/text/prompts.json", overlays=("cafe",))
    prompts = json.loads((checkout.folder / "results/cafe/text/prompts.json").read_text())
    assert prompts[0] == "mon café"


WEIGHTS = """\
mirrors: [mirror]
parts: [style]
assets: {vgg19: {file: mine.weights.h5, addresses: [], hash: null}}
style: {pictures: {harbour: {sizes: [64], steps: 1, picture: harbour.jpg, style: harbour.jpg}}}
"""


def test_weights_of_another_network(checkout):
    model = keras.Sequential([keras.Input((None, None, 3)), keras.layers.Conv2D(4, 3)])
    (checkout.folder / "mirror").mkdir(exist_ok=True)
    model.save_weights(checkout.folder / "mirror/mine.weights.h5")
    assert said(checkout, WEIGHTS, "style/harbour.style_weight-10.png")[-1] == (
        "transfer_style: mirror/mine.weights.h5 does not hold the weights of VGG19: it holds 2 "
        "arrays instead of 32; correct weights.VGG19: its asset, or `to`, the last layer of a "
        "file that ends early."
    )


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"<!doctype html>\n<p>Sign in", "it is a web page (a sign-in, say) instead of the file"),
        (b"\x89HDF\r\n\x1a\n" + bytes(100), "it is damaged, or no .h5 file"),
    ],
    ids=["page", "damaged"],
)
def test_a_download_that_is_none(checkout, content, reason):
    (checkout.folder / "mirror").mkdir(exist_ok=True)
    (checkout.folder / "mirror/other.weights.h5").write_bytes(content)
    overlay = WEIGHTS.replace("mine", "other")
    sentence = said(checkout, overlay, "style/harbour.style_weight-10.png")[-1]
    assert sentence.startswith("fetch_asset: vgg19: no usable other.weights.h5 was found ")
    assert f"(mirror/other.weights.h5: {reason}); put the file into mirror/" in sentence
