from __future__ import annotations

import os
import sys
from argparse import ArgumentParser
from collections import Counter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from devices.partner_api import sending
from devices.reports import MOST_ITEMS

OTHER_RUN = "A run is sent again with the same file and the same --batch; another one needs another --run."


class Command(BaseCommand):
    help = (
        "Send the verdicts of a CSV file through the partner API, as a partner's cloud would. "
        "Columns: device_id, user_id, compliant and, if you like, last_update."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--url", default="http://127.0.0.1:8000", help="where the console runs (%(default)s)")
        parser.add_argument(
            "--token", default=os.environ.get("PARTNER_TOKEN", ""), help="otherwise the variable PARTNER_TOKEN"
        )
        parser.add_argument("--batch", type=int, default=1000, help="items of one upload (%(default)s)")
        parser.add_argument("--run", default="", help="names the uploads: the same run again is not taken twice")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["token"]:
            raise CommandError("Name a token: --token, or the variable PARTNER_TOKEN. `partner-token` makes one.")
        if not 1 <= options["batch"] <= MOST_ITEMS:
            raise CommandError(f"Send 1 to {MOST_ITEMS:,} items in an upload.")
        try:
            text = options["file"].read_text(encoding="utf-8-sig")
            directory = sending.call(f"{options['url'].rstrip('/')}/partner-api/v1/", options["token"])
            items = list(sending.read(text.splitlines()))
            undated = [item for item in items if not item["lastUpdate"]]
            if undated:
                run = options["run"]
                now = sending.begun(options["url"], options["token"], run) if run else directory["now"]
                for item in undated:
                    item["lastUpdate"] = now
            self._send(items, options)
        except sending.Unsent as error:
            raise CommandError(f"{error} {OTHER_RUN}" if error.status == 409 else str(error)) from None
        except (OSError, UnicodeDecodeError, ValueError) as error:
            raise CommandError(str(error)) from None

    def _send(self, items: list[dict[str, Any]], options: dict[str, Any]) -> None:
        accepted, reasons = 0, Counter[str]()
        answers = sending.send(options["url"], options["token"], items, size=options["batch"], run=options["run"])
        with tqdm(total=len(items), unit=" verdicts", file=sys.stderr, disable=None) as bar:
            for answer in answers:
                accepted += answer.accepted
                bar.update(answer.accepted + len(answer.refused))
                for item in answer.refused:
                    reasons[item["message"]] += 1
        self.stdout.write(f"{accepted:,} of {len(items):,} verdicts were taken.")
        for message, n in reasons.most_common():
            self.stderr.write(f"{n:,} refused: {message}")
        if reasons:
            raise SystemExit(1)
