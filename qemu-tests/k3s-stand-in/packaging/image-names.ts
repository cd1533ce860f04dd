/** The image list of the k3s release that the stand-in takes the place of (v1.33.1+k3s1), in the release's order. */
export const IMAGE_NAMES: readonly string[] = [
  'docker.io/rancher/klipper-helm:v0.9.5-build20250306',
  'docker.io/rancher/klipper-lb:v0.4.13',
  'docker.io/rancher/local-path-provisioner:v0.0.31',
  'docker.io/rancher/mirrored-coredns-coredns:1.12.1',
  'docker.io/rancher/mirrored-library-busybox:1.36.1',
  'docker.io/rancher/mirrored-library-traefik:3.3.6',
  'docker.io/rancher/mirrored-metrics-server:v0.7.2',
  'docker.io/rancher/mirrored-pause:3.6',
]
