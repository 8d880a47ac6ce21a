"""A store of budgets in one JSON file, for the processes of one machine.

    gateway = tollgate.Gateway(config, store=FileStore("budgets.json"))

The whole of docs/embedding/writing-a-store.md in little code: a batch reads and writes the whole
file. Where many requests are served, take tollgate.SqliteStore.
"""

import fcntl
import itertools
import json
import os

# A running gateway writes every five seconds.
SILENT_MS = 30_000


class FileStore:
    def __init__(self, path: str) -> None:
        self._path = path

    def apply(self, batch: bytes) -> bytes:
        with open(self._path + ".lock", "a", encoding="utf-8") as guard:
            fcntl.flock(guard, fcntl.LOCK_EX)
            book = Book(self._read())
            answer = book.apply(json.loads(batch))
            self._write(book.state)
            return answer.encode()

    def _read(self) -> dict:
        try:
            with open(self._path, encoding="utf-8") as file:
                return json.load(file)
        except FileNotFoundError:
            return {"instances": {}, "counters": {}}

    def _write(self, state: dict) -> None:
        """All of it or nothing, and safe when this returns."""
        with open(self._path + ".new", "w", encoding="utf-8") as file:
            json.dump(state, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(self._path + ".new", self._path)
        folder = os.open(os.path.dirname(os.path.abspath(self._path)), os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)


class Book:
    """What the file holds.

    instances  of each gateway its last batch, the answer to it, when it wrote, and what it holds
               open: reservation → counter → [amount, since]
    counters   of each its name, what all have used in it, what each instance has used, and, when
               its window slides, what is in it: [since, instance, reservation, amount]
    """

    def __init__(self, state: dict) -> None:
        self.state = state
        self.counters = state["counters"]

    def apply(self, batch: dict) -> str:
        self.me, self.now_ms = batch["instance"], batch["wall_ms"]
        nobody = {"batch": 0, "answer": "", "seen_ms": 0, "holds": {}}
        writer = self.state["instances"].setdefault(self.me, nobody)
        if batch["batch"] == writer["batch"]:
            return writer["answer"]
        if batch["batch"] < writer["batch"]:
            raise ValueError("a batch older than the last one")
        self.holds = writer["holds"]
        self.wanted: dict = {}  # Of each counter to tell: what was refused, and at which limit.
        refused = [one for one in map(self._apply, self._groups(batch["entries"])) if one]
        self._book_what_the_dead_held()
        self._forget_what_is_over()
        if batch.get("counters"):
            self.wanted = {**dict.fromkeys(self._lasting()), **self.wanted}
        told = [self._tell(key) for key in self.wanted if key in self.counters]
        answer = json.dumps({"batch": batch["batch"], "refused": refused, "counters": told})
        writer.update(batch=batch["batch"], answer=answer, seen_ms=self.now_ms)
        return answer

    def _groups(self, entries: list) -> list:
        """Entries of one kind and reservation, which stand together."""
        same = itertools.groupby(entries, lambda e: (e["kind"], e.get("reservation")))
        return [[(self._key(entry), entry) for entry in group] for _, group in same]

    def _key(self, entry: dict) -> str:
        parts = ("rule", "entity", "measure", "period", "start", "end", "slides_ms")
        name = {part: entry[part] for part in parts if part in entry}
        key = json.dumps([name.get(part) for part in parts[:5]])
        self.counters.setdefault(key, {"name": name, "used": 0, "by": {}, "hits": []})
        self.wanted.setdefault(key, None)
        return key

    def _apply(self, group: list) -> str:
        """The reservation's name when it is refused."""
        kind, reservation = group[0][1]["kind"], group[0][1].get("reservation")
        if kind == "adjust":
            for key, entry in group:
                self._use(key, entry["amount"] + entry.get("overrun", 0))
        elif kind == "reserve":
            if not all([self._fits(key, entry) for key, entry in group]):
                return reservation
            for key, entry in group:
                self._hold(key, reservation, entry)
        else:
            for key, entry in group:
                self._resolve(key, reservation, entry)
        return ""

    def _use(self, key: str, amount: int) -> None:
        counter = self.counters[key]
        counter["used"] = max(0, counter["used"] + amount)
        counter["by"][self.me] = counter["by"].get(self.me, 0) + amount

    def _held(self, key: str, but: str = "") -> int:
        return sum(
            holds[key][0]
            for name, instance in self.state["instances"].items()
            for holds in instance["holds"].values()
            if name != but and key in holds
        )

    def _hits(self, key: str) -> list:
        counter = self.counters[key]
        floor_ms = self.now_ms - counter["name"]["slides_ms"]
        counter["hits"] = [hit for hit in counter["hits"] if hit[0] > floor_ms]
        return counter["hits"]

    def _fits(self, key: str, entry: dict) -> bool:
        if "slides_ms" in entry:
            used = sum(hit[3] for hit in self._hits(key))
        else:
            used = self.counters[key]["used"] + self._held(key)
        if "limit" not in entry or used + entry["amount"] <= entry["limit"]:
            return True
        self.wanted[key] = max(self.wanted[key] or (0, 0), (entry["amount"], entry["limit"]))
        return False

    def _hold(self, key: str, reservation: str, entry: dict) -> None:
        self.holds.setdefault(reservation, {})[key] = [entry["amount"], entry["wall_ms"]]
        if "slides_ms" in entry:
            hit = [entry["wall_ms"], self.me, reservation, entry["amount"]]
            self.counters[key]["hits"].append(hit)

    def _resolve(self, key: str, reservation: str, entry: dict) -> None:
        """What is not held was refused, or booked when its holder was taken for dead."""
        if key not in self.holds.get(reservation, {}):
            return
        self.holds[reservation].pop(key)
        if not self.holds[reservation]:
            del self.holds[reservation]
        if "slides_ms" in entry:
            for hit in self.counters[key]["hits"]:
                if hit[1:3] == [self.me, reservation]:
                    hit[3] = entry["amount"]
        elif entry["measure"] != "slots":
            self._use(key, entry["amount"] + entry.get("overrun", 0))

    def _book_what_the_dead_held(self) -> None:
        instances = self.state["instances"]
        for name in list(instances):
            if name == self.me or instances[name]["seen_ms"] >= self.now_ms - SILENT_MS:
                continue
            for holds in instances.pop(name)["holds"].values():
                for key, (amount, _) in holds.items():
                    counter = self.counters[key]
                    if "slides_ms" not in counter["name"] and counter["name"]["measure"] != "slots":
                        counter["used"] += amount
            for counter in self.counters.values():
                counter["by"].pop(name, None)

    def _forget_what_is_over(self) -> None:
        for key, counter in list(self.counters.items()):
            over = counter["name"].get("end", self.now_ms + 1) <= self.now_ms
            if over and key not in self.wanted and not self._held(key):
                del self.counters[key]

    def _lasting(self) -> list:
        """Windows that slide are looked at by whoever reserves in them."""
        return [key for key, one in self.counters.items() if "slides_ms" not in one["name"]]

    def _tell(self, key: str) -> dict:
        """Of all but the writer, which knows what it has done itself."""
        counter = self.counters[key]
        spent, room_ms = counter["used"] - counter["by"].get(self.me, 0), 0
        reserved = self._held(key, but=self.me)
        if "slides_ms" in counter["name"]:
            spent, reserved = sum(hit[3] for hit in self._hits(key) if hit[1] != self.me), 0
            room_ms = self._room_ms(key)
        said = {part: value for part, value in counter["name"].items() if part != "slides_ms"}
        return {**said, "spent": max(0, spent), "reserved": reserved, "room_ms": room_ms}

    def _room_ms(self, key: str) -> int:
        """Until so much has left the window that what was refused fits."""
        amount, limit = self.wanted[key] or (0, 0)
        hits = sorted(self._hits(key))
        used, room_ms = sum(hit[3] for hit in hits), 0
        for since, _, _, hit in hits:
            if not amount or used + amount <= limit:
                break
            used -= hit
            room_ms = since + self.counters[key]["name"]["slides_ms"] - self.now_ms
        return max(0, room_ms)
