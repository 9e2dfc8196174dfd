"""Keys of the sealed blocks: one per person and one per application, wrapped by a master key that MongoDB never sees."""

import os
from base64 import b64decode
from collections import OrderedDict
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import BaseModel
from pymongo.errors import BulkWriteError

from shared.errors import DependencyDownError
from shared.mongo import Collection, Document, database_errors
from shared.sealing import KEY_BYTES, NONCE_BYTES, Sealed, additional_data, seal, unseal

CACHE_SECONDS = 60
CACHE_KEYS_MAX = 10_000
DUPLICATE_KEY_CODE = 11000

log = structlog.get_logger(__name__)

Model = TypeVar("Model", bound=BaseModel)


class ErasedError(Exception):
    """The person was erased: the key is gone for good. Go on without the block."""


class KeyMissingError(DependencyDownError):
    """The key is not there (yet), and no tombstone either: an outage or a restore in progress. Try again."""

    def __init__(self, key_id: str) -> None:
        super().__init__("vault key")
        self.key_id = key_id


def application_key(application_id: str) -> str:
    """Key id of what is nobody's alone on an application."""
    return f"application:{application_id}"


def person_key(person_id: str) -> str:
    """Key id of one contact or consultant."""
    return f"person:{person_id}"


class MasterKey:
    """Wraps and unwraps data keys; `key_id` names it in the rows, so that it can be rotated."""

    def __init__(self, base64_key: str) -> None:
        key = b64decode(base64_key, validate=True)
        if len(key) != KEY_BYTES:
            raise ValueError(f"the master key must be {KEY_BYTES} bytes in base64")
        self._cipher = AESGCM(key)
        self.key_id = "kek-1"

    def wrap(self, key: bytes, key_id: str) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + self._cipher.encrypt(nonce, key, additional_data(key_id, ("wrap", self.key_id)))

    def unwrap(self, wrapped: bytes, key_id: str) -> bytes:
        nonce, box = wrapped[:NONCE_BYTES], wrapped[NONCE_BYTES:]
        try:
            return self._cipher.decrypt(nonce, box, additional_data(key_id, ("wrap", self.key_id)))
        except InvalidTag:
            log.warning("key-of-another-master-key", key_id=key_id)
            # Not the record's fault: this process holds another master key than the one that wrapped the row.
            raise KeyMissingError(key_id) from None


class Vault:
    """Seals and opens blocks; keys are cached for at most a minute, so that an erasure takes hold everywhere soon."""

    def __init__(self, *, keys: Collection, master_key: MasterKey, clock: Callable[[], datetime]) -> None:
        self._keys = keys
        self._master_key = master_key
        self._clock = clock
        self._cache: OrderedDict[str, tuple[bytes, datetime]] = OrderedDict()

    async def create(self, key_ids: Sequence[str]) -> None:
        """Make the keys that do not exist yet; made before the first block is sealed, so a crash leaves only an unused key.

        Raises:
            ErasedError: one of them was erased; a tombstone refuses its re-creation.
            DependencyDownError: the key store does not answer.

        """
        fresh = {key_id: AESGCM.generate_key(256) for key_id in key_ids}
        rows: list[Document] = [
            {
                "_id": key_id,
                "kek": self._master_key.key_id,
                "wrapped": self._master_key.wrap(key, key_id),
                "state": "active",
                "created_at": self._clock(),
            }
            for key_id, key in fresh.items()
        ]
        try:
            with database_errors():
                await self._keys.insert_many(rows, ordered=False)
        except BulkWriteError as error:
            refused = {row["index"] for row in (error.details or {}).get("writeErrors", [])}
            codes = {row["code"] for row in (error.details or {}).get("writeErrors", [])}
            if codes != {DUPLICATE_KEY_CODE}:
                raise DependencyDownError("vault") from error
            for index in refused:
                key_id = rows[index]["_id"]
                del fresh[key_id]
                await self._load(key_id)
        for key_id, key in fresh.items():
            self._remember(key_id, key)

    async def seal(self, content: BaseModel, *, key_id: str, place: Sequence[str]) -> Sealed:
        """Seal a model for one place.

        Raises:
            ErasedError: the key was erased.
            KeyMissingError: the key was never created, or cannot be read now.
            DependencyDownError: the key store does not answer.

        """
        key = await self._key(key_id)
        return seal(
            content.model_dump_json().encode(), key=key, key_id=key_id, place=place, nonce=os.urandom(NONCE_BYTES)
        )

    async def unseal(self, sealed: Sealed, as_model: type[Model], *, place: Sequence[str]) -> Model:
        """The model again.

        Raises:
            ErasedError: the person was erased: go on without.
            KeyMissingError: try again later.
            shared.sealing.SealBrokenError: altered or moved: a dead letter and an alarm.
            DependencyDownError: the key store does not answer.

        """
        key = await self._key(sealed.key_id)
        return as_model.model_validate_json(unseal(sealed, key=key, place=place))

    async def unseal_known(
        self, blocks: dict[str, Sealed], as_model: type[Model], *, place: Sequence[str]
    ) -> dict[str, Model]:
        """All blocks that can still be opened, by their names; those of erased people are left out. Raises as `unseal`."""
        opened: dict[str, Model] = {}
        for name, block in blocks.items():
            try:
                opened[name] = await self.unseal(block, as_model, place=place)
            except ErasedError:
                continue
        return opened

    async def erase(self, key_id: str) -> None:
        """Remove the key for ever and leave a tombstone. Other processes forget it within `CACHE_SECONDS`."""
        with database_errors():
            await self._keys.update_one(
                {"_id": key_id},
                {"$set": {"state": "erased", "erased_at": self._clock()}, "$unset": {"wrapped": "", "kek": ""}},
                upsert=True,
            )
        self._cache.pop(key_id, None)

    async def erased(self, key_ids: Sequence[str]) -> set[str]:
        """Which of these keys were erased."""
        with database_errors():
            rows = await self._keys.find({"_id": {"$in": list(key_ids)}, "state": "erased"}, {"_id": 1}).to_list(None)
        return {row["_id"] for row in rows}

    async def drop(self, key_ids: Sequence[str]) -> None:
        """Remove keys for ever, without tombstones: of things that nobody writes again, such as a mail whose days are over."""
        with database_errors():
            await self._keys.delete_many({"_id": {"$in": list(key_ids)}})
        for key_id in key_ids:
            self._cache.pop(key_id, None)

    async def _key(self, key_id: str) -> bytes:
        cached = self._cache.get(key_id)
        if cached is not None and self._clock() - cached[1] < timedelta(seconds=CACHE_SECONDS):
            return cached[0]
        return await self._load(key_id)

    async def _load(self, key_id: str) -> bytes:
        with database_errors():
            row = await self._keys.find_one({"_id": key_id})
        self._cache.pop(key_id, None)
        if row is None:
            log.warning("key-missing", key_id=key_id)
            raise KeyMissingError(key_id)
        if row["state"] == "erased":
            raise ErasedError(key_id)
        key = self._master_key.unwrap(row["wrapped"], key_id)
        self._remember(key_id, key)
        return key

    def _remember(self, key_id: str, key: bytes) -> None:
        self._cache[key_id] = (key, self._clock())
        while len(self._cache) > CACHE_KEYS_MAX:
            self._cache.popitem(last=False)
