"""Renders the chart with real Helm code for each file of values and asks an API server whether it takes the result.

    chart-check.py --chart DIR --cases DIR --kubeconfig FILE [--crd-kubeconfig FILE] [--kubectl FILE]

A file of values says in comments what must come of it:
    # has: TEXT         the rendered documents contain it (white space is folded)
    # hasn't: TEXT      they do not
    # today: TEXT       rendered as for a server of today, they contain it
    # refused: TEXT     rendering fails with a message that contains it
Documents are rendered for the server of --kubeconfig and applied to it as a dry run. With --crd-kubeconfig the CRDs are
also rendered as for a server of today and applied there; it is the one that serves them when the other is too old.
At last the chart is installed, upgraded and uninstalled for good, without its CRDs.
"""

import argparse
import pathlib
import subprocess
import sys

import helm_python as helm

RELEASE = "rollback-operator"
NAMESPACE = "chart-check"


class CheckFailed(Exception):
    pass


def fold(text):
    return " ".join(text.split())


def expectations(text):
    found = {"has": [], "hasn't": [], "today": [], "refused": []}
    for line in text.splitlines():
        for kind, texts in found.items():
            if line.startswith(f"# {kind}: "):
                texts.append(line.removeprefix(f"# {kind}: ").strip())
    return found


def kubectl(arguments, kubeconfig, words, manifest=None):
    done = subprocess.run(
        [arguments.kubectl, "--kubeconfig", kubeconfig, "--request-timeout=30s", *words],
        input=manifest, capture_output=True, text=True, timeout=60)
    if done.returncode != 0:
        raise CheckFailed(f"kubectl {' '.join(words)}: {done.stderr.strip()}")
    return done.stdout


def apply_dry(arguments, kubeconfig, manifest):
    parts = [part for part in manifest.split("\n---") if "kind:" in part]
    if parts:
        words = ["apply", "--dry-run=server", "--validate=strict", "-f", "-"]
        kubectl(arguments, kubeconfig, words, "\n---\n".join(parts))
    return len(parts)


def check(arguments, config, path):
    text = path.read_text()
    wanted = expectations(text)
    values = helm.values_from_yaml(text)
    findings = helm.lint(arguments.chart, values, strict=True)
    errors = [m["error"] for m in findings["messages"] if m["severity"] > 1] + findings["errors"]
    try:
        with helm.Chart.load(arguments.chart) as chart:
            manifest = config.install(chart, RELEASE, values, namespace=NAMESPACE, dry_run="server")["manifest"]
            today = chart.render(values, name=RELEASE, namespace=NAMESPACE)
    except helm.HelmError as error:
        if wanted["refused"] and all(fold(t) in fold(str(error)) for t in wanted["refused"]):
            return "refused"
        raise CheckFailed(str(error)) from error
    if wanted["refused"]:
        raise CheckFailed("rendered, but should have been refused")
    if errors:
        raise CheckFailed(f"helm lint: {errors}")
    folded = fold(manifest)
    for texts, rendered in ((wanted["has"], folded), (wanted["today"], fold("\n".join(today.values())))):
        for part in texts:
            if fold(part) not in rendered:
                raise CheckFailed(f"not rendered: {part}")
    for part in wanted["hasn't"]:
        if fold(part) in folded:
            raise CheckFailed(f"rendered: {part}")
    accepted = apply_dry(arguments, arguments.kubeconfig, manifest)
    if arguments.crd_kubeconfig:
        crds = next(text for path, text in today.items() if path.endswith("/crds.yaml"))
        accepted += apply_dry(arguments, arguments.crd_kubeconfig, crds)
    return f"{accepted} documents accepted"


def check_lifecycle(arguments, config):
    values = {"crds": {"install": False}}
    with helm.Chart.load(arguments.chart) as chart:
        config.install(chart, RELEASE, values, namespace=NAMESPACE)
        replicas = ["-n", NAMESPACE, "get", "deployment", RELEASE, "-o", "jsonpath={.spec.replicas}"]
        if kubectl(arguments, arguments.kubeconfig, replicas) != "2":
            raise CheckFailed("the installed Deployment has not two replicas")
        config.upgrade(chart, RELEASE, {**values, "replicaCount": 1}, namespace=NAMESPACE)
        if kubectl(arguments, arguments.kubeconfig, replicas) != "1":
            raise CheckFailed("the upgraded Deployment has not one replica")
    config.uninstall(RELEASE)
    left = kubectl(arguments, arguments.kubeconfig, [
        "get", "all,serviceaccounts,roles,rolebindings,clusterroles,clusterrolebindings,poddisruptionbudgets",
        "-A", "-l", f"app.kubernetes.io/instance={RELEASE},app.kubernetes.io/managed-by=Helm", "-o", "name"])
    # What the garbage collector removes after the Deployment is not the chart's.
    left = [name for name in left.split() if not name.startswith(("pod/", "replicaset.apps/"))]
    if left:
        raise CheckFailed(f"left behind: {' '.join(left)}")
    return "installed, upgraded, uninstalled"


def run(name, step):
    try:
        print(f"ok      {name}: {step()}")
        return True
    except (CheckFailed, helm.HelmError, subprocess.TimeoutExpired) as error:
        print(f"FAILED  {name}: {error}")
        return False


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--chart", required=True)
    parser.add_argument("--cases", required=True, type=pathlib.Path)
    parser.add_argument("--kubeconfig", required=True)
    parser.add_argument("--crd-kubeconfig")
    parser.add_argument("--kubectl", default="kubectl")
    arguments = parser.parse_args()
    cases = sorted(arguments.cases.glob("*.yaml"))
    if not cases:
        sys.exit(f"no cases in {arguments.cases}")
    kubectl(arguments, arguments.kubeconfig, ["create", "namespace", NAMESPACE])
    try:
        with helm.Config(kubeconfig_path=arguments.kubeconfig, namespace=NAMESPACE) as config:
            passed = [run(path.name, lambda path=path: check(arguments, config, path)) for path in cases]
            passed.append(run("lifecycle", lambda: check_lifecycle(arguments, config)))
    finally:
        kubectl(arguments, arguments.kubeconfig, ["delete", "namespace", NAMESPACE, "--wait=false"])
    sys.exit(0 if all(passed) else 1)


main()
