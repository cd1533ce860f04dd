import type { CodeEntry } from './entry.ts'

/** R09: how a profile protects the cluster state. */
export const stateRuleCodes = {
  R0901: {
    title: 'contradictory protection of the state',
    explanation:
      'The cluster state is protected in one way: with a passphrase (the default), to `recipients` that an `identity` opens, or, with `encryption: none`, by the mode of the file alone.',
  },
  R0902: {
    title: 'not an age recipient',
    explanation:
      "`cluster.state.recipients` lists public keys of age: `age1` and 58 letters and digits, or the long `age1pq1` form. They carry a checksum, which this text does not fit. `age-keygen` makes a key and prints its public half; `age-keygen -y FILE` prints an existing key's.",
  },
  R0903: {
    title: 'private age key in a profile',
    explanation:
      'A text that begins with `AGE-SECRET-KEY-` opens everything encrypted to its public half and never stands in a profile. Make a new key: this one may be in backups and in version control. Name the new one under `identity` by `file` or `env`.',
  },
} as const satisfies Record<string, CodeEntry>

/** L01: the state of a cluster, `.appliance/<cluster>/` beside its profile. */
export const stateCodes = {
  L0101: {
    title: 'the state of a known cluster is missing',
    explanation:
      'The lock, or an earlier build in the output folder, knows a cluster of this name, but its state is not in `.appliance/<cluster>/`. A build would make a new cluster under the old name: no node flashed before could join it, and the old kubeconfig would not open it. Put the state back from your copy (`appliance pki import <profile> --state FILE`, or copy the file). Only when the old cluster is given up: `appliance build <profile> --new-cluster`.',
  },
  L0102: {
    title: 'the state is of another cluster than the lock says',
    explanation:
      "The lock holds the fingerprint of the cluster's certificate authority, and the state in `.appliance/<cluster>/` has another one: it was swapped, restored from the copy of another cluster, or the lock comes from elsewhere. Put back the state, or the lock, that belongs here. Only when the old cluster is given up: `appliance build <profile> --new-cluster`.",
  },
  L0103: {
    title: 'nothing to open the state with',
    explanation:
      'The cluster state is encrypted, and neither the profile, the environment nor a terminal gives what opens it. A passphrase comes from `cluster.state.passphrase`, $APPLIANCE_PASSPHRASE, the file that $APPLIANCE_PASSPHRASE_FILE names, or a question at the terminal; an identity from `cluster.state.identity`, the file that $APPLIANCE_AGE_IDENTITY_FILE names (or $SOPS_AGE_KEY_FILE), or `~/.config/sops/age/keys.txt` and `~/.config/age/keys.txt`.',
  },
  L0104: {
    title: 'the state does not open',
    explanation:
      'The passphrase is wrong, or the identity is not that of any recipient the state is encrypted to. Nothing was changed. To open a state whose protection the profile has changed, what it was encrypted with before must still be at hand once: it is written in the new form at that build.',
  },
  L0105: {
    title: 'the state is damaged',
    explanation:
      'The file is cut short, was changed, or is no cluster state. Nothing was changed. Put back a copy; without one the keys of the cluster are lost, and nodes built from now on belong to a new cluster (`appliance build <profile> --new-cluster`).',
  },
  L0106: {
    title: 'the state is of another version',
    explanation:
      'The state was written by a version of appliance whose format this one does not know. Use the newer version; a state is never changed by one that does not understand it.',
  },
  L0107: {
    title: 'the state can be read by others',
    explanation:
      'With `encryption: none` only the mode of the file protects the keys of the cluster, and this file is readable by its group or by everybody. `chmod 600` it; when somebody else may have read it, `appliance pki rotate` makes new keys.',
  },
  L0108: {
    title: 'the state names another cluster',
    explanation:
      'The state was made for a cluster of another name. The name of a cluster is part of its state and of its folder `.appliance/<cluster>/`: give the profile its old name, or put the state into the folder of its own cluster.',
  },
  L0109: {
    title: 'what is to be imported cannot be a cluster',
    explanation:
      '`appliance pki import` takes the folder `server/tls` of a running k3s server, or a state that `appliance pki export --state` wrote. Every certificate authority needs its certificate and its key; the service-account key must be RSA, or EC in SEC1 form (`BEGIN EC PRIVATE KEY`): k3s cannot use an EC key in PKCS#8. Nothing was changed.',
  },
  L0110: {
    title: 'there is a state already',
    explanation:
      'An import never overwrites a state: with `--replace` the old file is kept beside the new one under its name and the time.',
  },
} as const satisfies Record<string, CodeEntry>
