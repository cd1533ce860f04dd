import type { CodeEntry } from './entry.ts'

/** R16: manifests, charts and the images they need. */
export const workloadRuleCodes = {
  R1601: {
    title: 'chart without a Helm controller',
    explanation:
      "Charts are installed by k3s's Helm controller, and `disable-helm-controller: true` switches it off. Leave the key out, or render the charts by `helm template` and list the result under `images.manifests`.",
  },
  R1602: {
    title: 'values for a chart that has others or is not there',
    explanation:
      '`images.chartConfigs` is for charts that k3s packages (`traefik`) or that a manifest of yours deploys. Values of a chart of the profile belong under its own `values`; a disabled component takes none.',
  },
  R1603: {
    title: 'name of a secret that cannot stand in a file',
    explanation:
      'A secret stands in a manifest or a values file as `${name}`, with a name of lower-case letters, digits and `-`, so that it is told from the variables of shells.',
  },
  R1604: {
    title: 'secrets of a chart without a values file',
    explanation: 'The secrets of a chart stand as `${name}` in the file under `values`: name one.',
  },
  R1605: {
    title: 'image that is needed and not on board',
    explanation:
      'A manifest or chart names an image that is neither among those of k3s nor under `images.extra`: without a network its pods never start. The message says which line asks for it. Add it to `images.extra`; correct its name or tag; or, where nodes reach a registry, name it under `images.pulled`. Names are compared as containerd does: `nginx` is `docker.io/library/nginx:latest`.',
  },
  R1606: {
    title: 'text that looks like an image that is not on board',
    explanation:
      'An argument, a variable or another text names something with the host of a registry and a tag, as programs do that start pods themselves. If it is an image, add it to `images.extra`, or name it under `images.pulled`.',
  },
  R1607: {
    title: 'image that nodes of one architecture lack',
    explanation:
      'The image is on board of some nodes only: its pods do not start on the others. Carry it for every architecture in use, or keep what asks for it away from the others by a nodeSelector on `kubernetes.io/arch`.',
  },
  R1608: {
    title: 'image that is asked of a registry at every start',
    explanation:
      'With `imagePullPolicy: Always`, and with the tag `latest` (or none) and no policy, the node asks the registry each time, and without a network the pod does not start although its image is on board. Set `imagePullPolicy: IfNotPresent`.',
  },
  R1609: {
    title: 'chart whose images are not all known',
    explanation:
      'Which images a chart needs is known when it is rendered: `appliance lock` runs `helm template` where helm is in PATH. Without it, or for a HelmChart in a manifest of yours, only what can be seen in values and templates is known. Install helm and lock again, or see to it yourself that `images.extra` has all images.',
  },
  R1610: {
    title: 'pattern for images that nobody asks for',
    explanation:
      '`images.pulled` names what nodes fetch by themselves; nothing of the profile asks for such an image.',
  },
  R1611: {
    title: 'every image would be asked of a registry',
    explanation:
      'The admission plugin `AlwaysPullImages` sets `imagePullPolicy: Always` on every pod, those of k3s too: without a registry none of them starts.',
  },
} as const satisfies Record<string, CodeEntry>

/** L003x: contents of manifests and charts, which are read when the lock is made. */
export const workloadLockCodes = {
  L0030: {
    title: 'manifest that cannot be read',
    explanation:
      'k3s would log an error and deploy nothing of the file. Manifests are YAML or JSON, UTF-8, one or more documents, none with a key twice.',
  },
  L0031: {
    title: 'manifest without apiVersion, kind or name',
    explanation:
      'Every document of a manifest is an object of Kubernetes: `apiVersion`, `kind` and `metadata.name` (k3s cannot deploy `generateName`). A `List` needs no name; values files and kustomizations are no manifests.',
  },
  L0032: {
    title: 'namespace that nobody creates',
    explanation:
      'The object is for a namespace that no manifest and no chart of the profile creates and that k3s does not have: nothing would be deployed until somebody makes it. Add a `Namespace` object.',
  },
  L0033: {
    title: 'variable that only k3s itself may use',
    explanation:
      'k3s replaces `%{...}%` in the manifests that it packages, never in files of your own: there it stays as it is. Only `%{KUBERNETES_API}%` in the `chart` of a HelmChart is replaced.',
  },
  L0034: {
    title: 'secret that does not fit its file',
    explanation:
      'Each secret under `secrets` stands in the file as `${name}`, or as `${name:base64}` for the `data` of a Secret, and each such name is under `secrets`. It may be a whole value or a part of one, not a key. `$${name}` stays `${name}`.',
  },
  L0035: {
    title: 'not a Helm chart that can be installed',
    explanation:
      'A chart is a folder with a Chart.yaml (apiVersion v1 or v2, name, version), or that folder packed by `helm package`. Library charts cannot be installed. Links and paths that lead out of the folder are refused.',
  },
  L0036: {
    title: 'chart without its dependencies',
    explanation:
      'Chart.yaml names charts that this one needs, and they are not in its folder `charts/`: nodes have no chart repository. `helm dependency build <folder>` fetches them.',
  },
  L0037: {
    title: 'manifest too large for Kubernetes',
    explanation:
      'etcd takes objects of at most 1.5 MiB, and every file with secrets is at most 64 KiB. Split the file; put what is secret into a file of its own.',
  },
  L0038: {
    title: 'two files that k3s takes for one',
    explanation:
      'k3s names what it deploys after the file, up to its first dot, over all folders: the second would overwrite the first. The name must be a DNS label and none of a component that k3s packages.',
  },
  L0039: {
    title: 'file or folder that is missing',
    explanation:
      'The profile names a file or folder that is not there, cannot be read, or holds nothing that could be deployed. Paths are relative to the profile.',
  },
  L0040: {
    title: 'changed since the lock was made',
    explanation:
      'Images are built from what the lock pins: the files as they were when `appliance lock` ran. They are different now. Run `appliance lock` to take the change over, or undo it.',
  },
  L0041: {
    title: 'values that the chart does not take',
    explanation:
      '`helm template` was run with the chart and its values, and refused them; k3s would fail in the same way. What helm said is in the message.',
  },
  L0042: {
    title: 'values for a chart that nobody deploys',
    explanation:
      'A HelmChartConfig waits for a HelmChart of its name in kube-system. k3s brings `traefik` and `traefik-crd`; no manifest of the profile has one of this name.',
  },
} as const satisfies Record<string, CodeEntry>
