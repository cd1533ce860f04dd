import type { CodeEntry } from './entry.ts'

/** R15xx: what is wrong with a list of images. */
export const imageRuleCodes = {
  R1500: {
    title: 'malformed image name',
    explanation:
      'An image is named `[registry/]path[:tag][@sha256:digest]`: lower-case letters, digits and single `.`, `_`, `-` in each part of the path. A first part with a dot or a colon, or `localhost`, is the registry; without one it is docker.io, so that `nginx:1.29` is `docker.io/library/nginx:1.29`.',
  },
  R1501: {
    title: 'one name for two images',
    explanation:
      'Two entries of `images.extra` give one name on nodes of one architecture to what comes from different sources: only one of them would be found there. Give one another name with `as`, or keep them apart with `architectures`.',
  },
  R1502: {
    title: 'image without a fixed tag',
    explanation:
      '`latest`, or no tag at all, means another image next month. The lock pins what it means today, but the next `lock` takes another one without a change of the profile, and Kubernetes pulls images of this tag at every start (imagePullPolicy defaults to Always for `latest`), which no node without a network can do. Name a version.',
  },
  R1503: {
    title: 'a name that nodes cannot use',
    explanation:
      'The name of an image on a node needs a tag and takes no digest: k3s imports only names with a tag, and adds the digest itself.',
  },
  R1504: {
    title: 'registry settings that cannot be used',
    explanation:
      'An entry of `images.pull` is for one registry: `host` or `host:port`, without scheme or path. Mirrors are `host[:port][/path]`. Each registry stands once, and `insecure` leaves nothing for a `ca` to check.',
  },
} as const satisfies Record<string, CodeEntry>

/** L001x, L002x: what is wrong with images when they are pinned. */
export const imageLockCodes = {
  L0010: {
    title: 'the registry has no such image',
    explanation:
      'The registry was reached and knows no image of this name and tag (or digest). Registries that hide what one may not see answer so for images that need a login, too: check the name first, then the login.',
  },
  L0011: {
    title: 'the registry refuses the login',
    explanation:
      'The registry answered that this user, or nobody, may not read the image. Logins are taken from the entry of the registry under `images.pull`; without one from $REGISTRY_AUTH_FILE, $XDG_RUNTIME_DIR/containers/auth.json, ~/.config/containers/auth.json and ~/.docker/config.json, as `podman login`, `skopeo login` and `docker login` leave them.',
  },
  L0012: {
    title: 'the image is not made for the nodes',
    explanation:
      'The image is made for none of the architectures, or not for all, that nodes of the cluster have. `architectures` of the entry keeps it off the others.',
  },
  L0013: {
    title: 'no image archive',
    explanation:
      'The file or folder is in none of the forms that image tools write: docker archive (`docker save`, with manifest.json), OCI archive or OCI layout (oci-layout, index.json, blobs), plain or packed by gzip, xz or zstd. Or it is one that is damaged: a part is missing, or is not what its digest says.',
  },
  L0014: {
    title: 'an image without a name',
    explanation:
      'An archive or layout says what its images are called: RepoTags of a docker archive, the annotation `io.containerd.image.name`, or `org.opencontainers.image.ref.name` where it holds a whole name. A bare tag (what skopeo and buildah write) is no name. `as` gives one, to an entry that holds one image.',
  },
  L0015: {
    title: "the registry's certificate is not trusted",
    explanation:
      'The certificate of the registry is signed by a CA that this machine does not know, or is made out to another name. `ca` of the entry under `images.pull` names a PEM file with the CA.',
  },
  L0016: {
    title: 'the registry wants fewer requests',
    explanation:
      'The registry answered 429 (too many requests) again and again, although the pauses it asked for were kept. Docker Hub counts pulls by address and hour, and counts more for users that are logged in. What has been fetched is kept: the next run goes on from there.',
  },
  L0017: {
    title: 'an image could not be fetched whole',
    explanation:
      'The connection to the registry failed or was cut, in every attempt. Layers that were fetched are kept: the next run asks only for the others.',
  },
  L0018: {
    title: 'the registry sends something else than was asked for',
    explanation:
      'What came is not what its digest says. Images are named by digests from the first request on, so this is a damaged or tampered transfer: nothing of it was kept.',
  },
  L0019: {
    title: 'one name for two images',
    explanation:
      'Archives, layouts or pulled images under `images.extra` bring the same name for the same architecture with different contents. Give one another name with `as`, or leave one out.',
  },
} as const satisfies Record<string, CodeEntry>
