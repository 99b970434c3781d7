"""Checks rendered manifests, one file an overlay: schemas, and what matters to us.

    check.py RENDERED...

A cluster would tell most of this only when it hurts: that a policy lets nobody in,
that two cells share pods, that replicas ask for more connections than there are.
"""

import sys
import tomllib
from pathlib import Path
from urllib.parse import urlsplit

import kubernetes_validate
import yaml

KUBERNETES = ["1.34", "1.37"]

# Kinds of others, for which kubernetes-validate has no schema.
WITHOUT_SCHEMA = {
    "postgresql.cnpg.io/v1/Cluster": "CloudNativePG",
    "postgresql.cnpg.io/v1/ScheduledBackup": "CloudNativePG",
    "barmancloud.cnpg.io/v1/ObjectStore": "the backup plugin of CloudNativePG",
    "monitoring.coreos.com/v1/ServiceMonitor": "Prometheus Operator",
    "monitoring.coreos.com/v1/PodMonitor": "Prometheus Operator",
    "monitoring.coreos.com/v1/PrometheusRule": "Prometheus Operator",
    "gateway.networking.k8s.io/v1/Gateway": "Gateway API",
    "gateway.networking.k8s.io/v1/TLSRoute": "Gateway API",
    "cert-manager.io/v1/Certificate": "cert-manager",
    "cert-manager.io/v1/Issuer": "cert-manager",
    "cert-manager.io/v1/ClusterIssuer": "cert-manager",
}

# Connections of a database that are not for replicas: migrations, people, backups.
CONNECTIONS_KEPT = 15
# Connections of a process beside those that are configured: one looks whether the
# database answers, and in usage four are for sealing and sealed totals.
CONNECTIONS_BESIDE = {"registry": 1, "usage": 5, "settlement": 1}
# In which a service ends after SIGTERM in any case.
DRAIN_SECONDS = 10

# Fields whose `name` is that of a Secret or ConfigMap.
SECRET_KEYS = [
    "configMap", "configMapKeyRef", "secretKeyRef", "passwordSecret", "accessKeyId", "secretAccessKey",
]

NAME = "app.kubernetes.io/name"
COMPONENT = "app.kubernetes.io/component"


class Pod:
    """What a workload makes, or somebody outside of the suite (`spec` is None)."""

    def __init__(self, kind, namespace, name, labels, spec=None):
        self.kind, self.namespace, self.name = kind, namespace, name
        self.labels, self.spec = labels, spec
        self.service = labels.get(NAME)
        self.component = labels.get(COMPONENT)

    def __str__(self):
        return f"{self.kind} {self.namespace}/{self.name}"


OUTSIDE = [
    Pod("dns", "kube-system", "dns", {"k8s-app": "kube-dns"}),
    Pod("operator", "cnpg-system", "operator", {NAME: "cloudnative-pg"}),
    Pod("prometheus", "monitoring", "prometheus", {NAME: "prometheus"}),
    Pod("collector", "observability", "collector", {NAME: "opentelemetry-collector"}),
    Pod("gateway", "gateway", "gateway", {}),
    Pod("stranger", "default", "stranger", {NAME: "settlement", COMPONENT: "server"}),
]
PORTS = [53, 4317, 5432, 7000, 8000, 9090, 9187]


class Overlay:
    def __init__(self, path):
        self.problems = []
        self.resources = [r for r in yaml.safe_load_all(path.read_text()) if r]
        self.namespaces = {pod.namespace: {} for pod in OUTSIDE}
        for resource in self.of("Namespace"):
            self.namespaces[resource["metadata"]["name"]] = resource["metadata"]["labels"]
        for name, labels in self.namespaces.items():
            labels["kubernetes.io/metadata.name"] = name
        self.pods = [self.pod(r) for r in self.of("Deployment", "Job", "Cluster")]

    def of(self, *kinds):
        return [r for r in self.resources if r["kind"] in kinds]

    def pod(self, resource):
        meta, spec = resource["metadata"], resource["spec"]
        if resource["kind"] == "Cluster":
            labels = spec["inheritedMetadata"]["labels"]
            return Pod("Cluster", meta["namespace"], meta["name"], labels, spec)
        template = spec["template"]
        labels = template["metadata"]["labels"]
        return Pod(resource["kind"], meta["namespace"], meta["name"], labels, template["spec"])

    def servers(self):
        return [pod for pod in self.pods if pod.kind == "Deployment"]

    def selected(self, namespace, selector):
        return [p for p in self.pods if p.namespace == namespace and matches(selector, p.labels)]

    def problem(self, where, what):
        if not isinstance(where, Pod):
            meta = where["metadata"]
            where = f"{where['kind']} {meta.get('namespace', '')}/{meta['name']}"
        self.problems.append(f"{where}: {what}")


def matches(selector, labels):
    """Whether a label selector (None selects nothing, {} everything) selects."""
    if selector is None:
        return False
    operators = {
        "In": lambda value, values: value in values,
        "NotIn": lambda value, values: value not in values,
        "Exists": lambda value, _: value is not None,
        "DoesNotExist": lambda value, _: value is None,
    }
    return all(labels.get(k) == v for k, v in selector.get("matchLabels", {}).items()) and all(
        operators[e["operator"]](labels.get(e["key"]), e.get("values"))
        for e in selector.get("matchExpressions", [])
    )


def check_schemas(overlay):
    exempt = set()
    for resource in overlay.resources:
        kind = f"{resource['apiVersion']}/{resource['kind']}"
        if kind in WITHOUT_SCHEMA:
            exempt.add(kind)
            continue
        for version in KUBERNETES:
            try:
                kubernetes_validate.validate(resource, version, strict=True)
            except kubernetes_validate.ValidationError as error:
                at = ".".join(str(step) for step in error.path)
                overlay.problem(resource, f"Kubernetes {version}: {at}: {error.message}")
            except kubernetes_validate.SchemaNotFoundError:
                overlay.problem(resource, f"Kubernetes {version} knows no {kind}")
    return exempt


def check_containers(overlay):
    for pod in overlay.pods:
        if pod.kind == "Cluster":
            check_image(overlay, pod, pod.spec["imageName"])
            continue
        for container in pod.spec["containers"] + pod.spec.get("initContainers", []):
            check_image(overlay, pod, container["image"])
            resources = container.get("resources", {})
            for part, needed in [("requests", "cpu"), ("requests", "memory"), ("limits", "memory")]:
                if needed not in resources.get(part, {}):
                    overlay.problem(pod, f"{container['name']} has no {part} of {needed}")
            if pod.kind != "Deployment":
                continue
            ports = {port["name"] for port in container["ports"]}
            for probe in ["startupProbe", "livenessProbe", "readinessProbe"]:
                if container.get(probe, {}).get("httpGet", {}).get("port") not in ports:
                    overlay.problem(pod, f"{container['name']} has no {probe} on one of its ports")
            sleep = container.get("lifecycle", {}).get("preStop", {}).get("sleep", {})
            if pod.spec["terminationGracePeriodSeconds"] < sleep.get("seconds", 0) + DRAIN_SECONDS:
                overlay.problem(pod, "is killed before its drain ends")


def check_image(overlay, pod, image):
    tag = image.rpartition("/")[2].partition("@")[0].partition(":")[2]
    if "@sha256:" not in image and tag in ("", "latest"):
        overlay.problem(pod, f"image {image} has neither version nor digest")


def check_selectors(overlay):
    """Whatever selects pods selects some, and only those of its own service."""
    for resource in overlay.of("Deployment", "Service", "PodDisruptionBudget", "NetworkPolicy"):
        meta, spec = resource["metadata"], resource["spec"]
        selector = spec.get("selector") or spec.get("podSelector")
        if resource["kind"] == "Service":
            selector = {"matchLabels": selector}
        found = overlay.selected(meta["namespace"], selector)
        service = meta.get("labels", {}).get(NAME)
        others = [str(p) for p in found if service and p.service != service]
        if others:
            overlay.problem(resource, f"selects also {', '.join(others)}")
        if resource["kind"] != "NetworkPolicy" and len(found) != 1:
            overlay.problem(resource, f"selects {len(found)} workloads, not one")
        if resource["kind"] == "Service" and found:
            ports = {p["name"] for c in found[0].spec["containers"] for p in c["ports"]}
            for port in spec["ports"]:
                if port["targetPort"] not in ports:
                    overlay.problem(resource, f"port {port['name']} leads nowhere")


def check_replicas(overlay):
    for deployment in overlay.of("Deployment"):
        meta = deployment["metadata"]
        pod = next(p for p in overlay.servers() if (p.namespace, p.name) == (meta["namespace"], meta["name"]))
        scalers = [
            h for h in overlay.of("HorizontalPodAutoscaler")
            if h["metadata"]["namespace"] == pod.namespace
            and h["spec"]["scaleTargetRef"]["name"] == pod.name
        ]
        fixed = deployment["spec"].get("replicas")
        if len(scalers) + (fixed is not None) != 1:
            overlay.problem(deployment, "needs either `replicas` or one autoscaler")
            continue
        most = scalers[0]["spec"]["maxReplicas"] if scalers else fixed
        budgets = [
            b for b in overlay.of("PodDisruptionBudget")
            if b["metadata"]["namespace"] == pod.namespace and matches(b["spec"]["selector"], pod.labels)
        ]
        if most > 1 and len(budgets) != 1:
            overlay.problem(deployment, f"{len(budgets)} disruption budgets select it, not one")
        check_connections(overlay, pod, most)


def check_connections(overlay, pod, replicas):
    clusters = [p for p in overlay.pods if p.kind == "Cluster" and own(pod, p)]
    if not clusters:
        return
    config = configuration(overlay, pod)
    each = config["database"]["max_connections"] + config.get("ingest", {}).get("writers", 0)
    each += CONNECTIONS_BESIDE[pod.service]
    parameters = clusters[0].spec["postgresql"]["parameters"]
    there = int(parameters["max_connections"]) - CONNECTIONS_KEPT
    # While a rollout lasts there is one more.
    if (replicas + 1) * each > there:
        overlay.problem(pod, f"{replicas} + 1 replicas of {each} connections, {clusters[0]} has {there}")


def own(pod, other):
    return (pod.namespace, pod.service) == (other.namespace, other.service)


def configuration(overlay, pod):
    volume = next(v for v in pod.spec["volumes"] if v["name"] == "config")
    for resource in overlay.of("ConfigMap"):
        meta = resource["metadata"]
        if (meta["namespace"], meta["name"]) == (pod.namespace, volume["configMap"]["name"]):
            return tomllib.loads(resource["data"]["config.toml"])
    raise SystemExit(f"{pod}: its configuration is not there")


def peers(overlay, pod):
    """The servers that `pod` is configured to call."""
    config = configuration(overlay, pod).get("peers", {})
    if not config:
        return []
    found = []
    for url in [config["registry"]["url"]] + [cell["url"] for cell in config["usage"]]:
        address = urlsplit(url)
        name, _, namespace = address.hostname.partition(".")
        target = [
            p for s in overlay.of("Service")
            if (s["metadata"]["name"], s["metadata"]["namespace"]) == (name, namespace or pod.namespace)
            and address.port in [port["port"] for port in s["spec"]["ports"]]
            for p in overlay.selected(s["metadata"]["namespace"], {"matchLabels": s["spec"]["selector"]})
        ]
        if not target:
            overlay.problem(pod, f"calls {url}, and there is no such Service")
        found += target
    cells = {p for p in overlay.servers() if p.service == "usage"}
    for cell in cells - set(found):
        overlay.problem(pod, f"does not read {cell}, so its platforms' fees are missed")
    return found


def check_certificates(overlay):
    """Each server serves TLS, and its certificate has every name that it is called by."""
    certificates = {
        (c["metadata"]["namespace"], c["spec"]["secretName"]): c for c in overlay.of("Certificate")
    }
    for pod in overlay.servers():
        config = configuration(overlay, pod)
        if "tls" not in config["server"]:
            overlay.problem(pod, "serves plain text")
            continue
        certificate = certificates.get((pod.namespace, f"{pod.service}-tls"))
        if not certificate:
            continue  # yours, as `wanted` lists it
        if certificate["spec"]["usages"] != ["digital signature", "server auth"]:
            overlay.problem(certificate, "is not for a server")
        for name in called_by(overlay, pod) - set(certificate["spec"]["dnsNames"]):
            overlay.problem(certificate, f"lacks {name}, by which {pod} is called")
    for certificate in certificates.values():
        spec = certificate["spec"]
        if "client auth" in spec["usages"] and (len(spec["uris"]) != 1 or "dnsNames" in spec):
            overlay.problem(certificate, "names somebody by more than one name")


def check_issuers(overlay):
    """Nobody signs for two kinds of callers, and nobody for services, which show certificates."""
    for pod in overlay.servers():
        for issuer in configuration(overlay, pod)["auth"]["issuers"]:
            if issuer["signs_for"] not in (["people"], ["platforms"]):
                overlay.problem(pod, f"believes {issuer['issuer']} of {issuer['signs_for']}")


def called_by(overlay, pod):
    """The names that settlement and the way in call a server by."""
    services = {
        s["metadata"]["name"] for s in overlay.of("Service")
        if pod in overlay.selected(s["metadata"]["namespace"], {"matchLabels": s["spec"]["selector"]})
        and s["metadata"]["namespace"] == pod.namespace
    }
    names = set()
    for caller in overlay.servers():
        peers = configuration(overlay, caller).get("peers", {})
        for peer in [peers["registry"], *peers["usage"]] if peers else []:
            address = urlsplit(peer["url"])
            if address.scheme != "https" or not peer.get("certificate_file"):
                overlay.problem(caller, f"calls {peer['url']} without TLS or without its certificate")
            name, _, namespace = address.hostname.partition(".")
            if name in services and (namespace or caller.namespace) == pod.namespace:
                names.add(address.hostname)
    for route in overlay.of("TLSRoute"):
        backends = {b["name"] for rule in route["spec"]["rules"] for b in rule["backendRefs"]}
        if route["metadata"]["namespace"] == pod.namespace and backends & services:
            names |= set(route["spec"]["hostnames"])
    return names


def check_traffic(overlay):
    """Policies let through what the suite needs, and nothing else."""
    needed = set()
    scraped = bool(overlay.of("ServiceMonitor"))
    for pod in overlay.pods:
        needed.add((str(pod), "dns kube-system/dns", 53))
        databases = [p for p in overlay.pods if p.kind == "Cluster" and own(pod, p)]
        needed |= {(str(pod), str(database), 5432) for database in databases}
        if pod.kind == "Cluster":
            needed |= {(str(pod), str(pod), 8000)}
            needed |= {("operator cnpg-system/operator", str(pod), port) for port in (5432, 8000)}
        if pod.kind == "Deployment":
            needed |= {(str(pod), str(peer), 7000) for peer in peers(overlay, pod)}
            if overlay.of("TLSRoute"):
                needed.add(("gateway gateway/gateway", str(pod), 7000))
        if scraped and pod.kind == "Deployment":
            needed.add(("prometheus monitoring/prometheus", str(pod), 9090))
            needed.add((str(pod), "collector observability/collector", 4317))
        if scraped and pod.kind == "Cluster":
            needed.add(("prometheus monitoring/prometheus", str(pod), 9187))
    everybody = overlay.pods + OUTSIDE
    open_ = {
        (str(a), str(b), port)
        for a in everybody for b in everybody for port in PORTS
        if a.spec or b.spec
        if allowed(overlay, a, b, port, "Egress") and allowed(overlay, b, a, port, "Ingress")
    }
    overlay.problems += [f"no policy lets {a} reach {b} on {port}" for a, b, port in sorted(needed - open_)]
    overlay.problems += [f"policies let {a} reach {b} on {port}, for no reason" for a, b, port in sorted(open_ - needed)]
    return len(needed)


def allowed(overlay, pod, other, port, direction):
    """What the policies that select `pod` say of `other`, in one direction."""
    if not pod.spec:
        return True  # not ours to close
    rules, peers_key = (direction.lower(), "to" if direction == "Egress" else "from")
    policies = [
        p["spec"] for p in overlay.of("NetworkPolicy")
        if p["metadata"]["namespace"] == pod.namespace
        and direction in p["spec"]["policyTypes"] and matches(p["spec"]["podSelector"], pod.labels)
    ]
    if not policies:
        return True
    return any(
        port in [p["port"] for p in rule["ports"]]
        and any(is_peer(overlay, pod, other, peer) for peer in rule[peers_key])
        for policy in policies for rule in policy.get(rules, [])
    )


def is_peer(overlay, pod, other, peer):
    if "ipBlock" in peer:
        return False  # addresses outside; none of the ports asked about here
    namespaces = peer.get("namespaceSelector")
    if namespaces is None and other.namespace != pod.namespace:
        return False
    if namespaces is not None and not matches(namespaces, overlay.namespaces[other.namespace]):
        return False
    return matches(peer.get("podSelector", {}), other.labels)


def wanted(overlay):
    """Secrets and ConfigMaps that pods name and nobody here makes."""
    there = {(r["metadata"]["namespace"], r["metadata"]["name"]) for r in overlay.of("ConfigMap", "Secret")}
    there |= {(c["metadata"]["namespace"], c["spec"]["secretName"]) for c in overlay.of("Certificate")}
    there |= {(p.namespace, f"{p.name}-ca") for p in overlay.pods if p.kind == "Cluster"}
    named = set()
    for resource in overlay.of("Deployment", "Job", "Cluster", "ObjectStore"):
        for reference in references(resource["spec"]):
            named.add((resource["metadata"]["namespace"], reference))
    return sorted(f"{namespace}/{name}" for namespace, name in named - there)


def references(node):
    if isinstance(node, list):
        for item in node:
            yield from references(item)
    if isinstance(node, dict):
        for key, value in node.items():
            if key in SECRET_KEYS:
                yield value["name"]
            elif key == "secret":
                yield value.get("secretName") or value["name"]
            else:
                yield from references(value)


def main():
    failed = False
    for path in map(Path, sys.argv[1:]):
        overlay = Overlay(path)
        exempt = check_schemas(overlay)
        check_containers(overlay)
        check_selectors(overlay)
        check_replicas(overlay)
        check_certificates(overlay)
        check_issuers(overlay)
        ways = check_traffic(overlay)
        print(f"{path.stem}: {len(overlay.resources)} resources, {ways} ways open and all others closed")
        for kind in sorted(exempt):
            print(f"  no schema at hand for {kind} ({WITHOUT_SCHEMA[kind]})")
        print(f"  to be made by you: {', '.join(wanted(overlay))}")
        for problem in overlay.problems:
            print(f"  WRONG {problem}")
        failed |= bool(overlay.problems)
    sys.exit("check.py: the manifests are wrong, see above" if failed else 0)


if __name__ == "__main__":
    main()
