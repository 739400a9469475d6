"""How entry bytes are kept: zstd frames with a dictionary of what audit events have in common.

The dictionary is stored in the database itself, so that the file can be read without this package; a database keeps
the one it began with.
"""

import threading
from collections.abc import Sequence
from importlib import resources

import zstandard

from immutable.errors import StartError

_LEVEL = 1
_MAX_BYTES = 64 * 1_048_576


class Codec:
    """Compresses and decompresses entry bytes. Safe to use from any thread."""

    def __init__(self, dictionary: bytes) -> None:
        self._dictionary = zstandard.ZstdCompressionDict(dictionary)
        self._dictionary.precompute_compress(level=_LEVEL)
        self._local = threading.local()

    def compress(self, texts: Sequence[bytes]) -> list[bytes]:
        """Each of the texts as a frame of its own."""
        local = self._local
        if not hasattr(local, "compressor"):
            local.compressor = zstandard.ZstdCompressor(level=_LEVEL, dict_data=self._dictionary, write_checksum=False)
        if not texts:
            return []
        return [bytes(frame) for frame in local.compressor.multi_compress_to_buffer(texts)]

    def decompress_all(self, frames: list[bytes]) -> list[bytes]:
        """The texts of many frames, in one go; as `decompress` where one of them cannot be read."""
        self._prepare()
        try:
            texts = self._local.decompressor.multi_decompress_to_buffer(frames)
        except (zstandard.ZstdError, ValueError, TypeError, MemoryError):
            return [self.decompress(frame) for frame in frames]
        return [bytes(text) for text in texts]

    def decompress(self, frame: bytes) -> bytes:
        """The text of a frame. A frame that cannot be read gives an empty text, whose hash will not match."""
        self._prepare()
        try:
            if zstandard.frame_content_size(frame) > _MAX_BYTES:  # a frame may say what it likes about its size
                return b""
            return self._local.decompressor.decompress(frame, max_output_size=_MAX_BYTES, allow_extra_data=False)  # type: ignore[no-any-return]
        except (zstandard.ZstdError, TypeError):
            return b""

    def _prepare(self) -> None:
        if not hasattr(self._local, "decompressor"):
            self._local.decompressor = zstandard.ZstdDecompressor(dict_data=self._dictionary)


def shipped_dictionary() -> bytes:
    """The dictionary that a new database begins with."""
    return resources.files(__package__).joinpath("dictionary.zstd").read_bytes()


def codec_of(dictionary: object) -> Codec:
    """The codec of a database that holds this dictionary. Raises StartError where it was lost."""
    try:
        return Codec(bytes(dictionary))  # type: ignore[call-overload]
    except (zstandard.ZstdError, TypeError, ValueError) as error:
        raise StartError(f"The database's compression dictionary is damaged: {error}.") from error
