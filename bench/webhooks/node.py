"""Verifies requests with npm's ``standardwebhooks``, in a folder of its own."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

PACKAGE = "standardwebhooks@1.1.1"
SCRIPT = """
import { readFileSync } from "node:fs";
import { Webhook } from "standardwebhooks";

let verified = 0;
for (const { keys, headers, body } of JSON.parse(readFileSync("requests.json", "utf8"))) {
  Date.now = () => 1000 * Number(headers["webhook-timestamp"]);  // it refuses what is five minutes old
  for (const key of keys) {
    new Webhook(key).verify(body, headers);
    verified += 1;
  }
}
console.log(verified);
"""


def verify(requests: list[dict[str, Any]], folder: Path) -> str:
    """Return how many signatures the package verified; a sentence if it refused one or cannot be had."""
    if shutil.which("npm") is None:
        return "npm is not installed, so its package verified nothing"
    install = ["npm", "install", "--silent", "--no-audit", "--no-fund", "--prefix", str(folder), PACKAGE]
    if subprocess.run(install, check=False).returncode:
        return f"{PACKAGE} cannot be installed, so it verified nothing"
    (folder / "verify.mjs").write_text(SCRIPT)
    symmetric = [request for request in requests if request["keys"][0].startswith("whsec_")]
    (folder / "requests.json").write_text(json.dumps(symmetric))
    run = subprocess.run(["node", "verify.mjs"], cwd=folder, capture_output=True, text=True, check=False)
    return f"{PACKAGE} verified {run.stdout.strip()} signatures" if run.returncode == 0 else run.stderr.strip()
