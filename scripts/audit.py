"""Known vulnerabilities of the packages installed here: ``python scripts/audit.py``, or ``make audit``.

Exits with 1 when there are any. Where the advisory service cannot be reached nothing is known: that is said, and is no
failure, so that a machine without the internet can still run everything else.
"""

import json
import subprocess
import sys

LONGEST = 180
COMMAND = [sys.executable, "-m", "pip_audit", "--local", "--skip-editable", "--progress-spinner", "off"]
COMMAND += ["--format", "json", "--timeout", "10"]


def main() -> int:
    """Query the advisory service and print the result."""
    try:
        done = subprocess.run(COMMAND, capture_output=True, text=True, timeout=LONGEST, check=False)
        packages = json.loads(done.stdout)["dependencies"]
    except (subprocess.TimeoutExpired, ValueError):
        packages = []
    if all("skip_reason" in package for package in packages):  # a mirror has the packages, but knows no advisories
        print("audit: NOTHING WAS CHECKED. The advisory service could not be reached from here; run this again online.")
        return 0
    found = [(package, problem) for package in packages for problem in package.get("vulns", ())]
    for package, problem in found:
        fixed = ", ".join(problem["fix_versions"]) or "no version yet"
        print(f"audit: {package['name']} {package['version']}: {problem['id']}, fixed in {fixed}")
    skipped = [package["name"] for package in packages if "skip_reason" in package]
    if skipped:
        print(f"audit: not checked, because the advisory service does not know them: {', '.join(skipped)}")
    print(f"audit: {len(packages) - len(skipped)} packages checked, {len(found)} known vulnerabilities.")
    return int(bool(found))


if __name__ == "__main__":
    raise SystemExit(main())
