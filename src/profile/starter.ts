/** The profile that `appliance init` writes: valid as it is once it names a key. */
export const starterProfile = ({
  name,
  sshKeys,
}: {
  readonly name: string
  readonly sshKeys: readonly string[]
}): string => `\
# A cluster profile: \`appliance explain <key>\` tells about every key here, such as \`appliance explain nodes.board\`.
#   appliance validate profile.yaml    finds faults, with line, column and a next step
#   appliance lock profile.yaml        pins every input (needs the network, once)
#   appliance build profile.yaml       writes one image for each node to out/${name}/
#   appliance test profile.yaml        boots the images in QEMU and proves them
apiVersion: appliance/v1alpha1

cluster:
  name: ${name}
  # Name or address of the API; default: the first server.
  # endpoint: ${name}.example.com
  k3s:
    version: v1.33.1+k3s1
    # Packaged components to leave out.
    # disable: [traefik]
  # The keys of the whole cluster go to .appliance/${name}/, encrypted with a passphrase that the first build asks for;
  # where nobody can be asked, it is in the file that $APPLIANCE_PASSPHRASE_FILE names. Keep a copy of both.
  # With a key of age instead (\`age-keygen\`):
  # state: { recipients: [age1...], identity: { file: ~/.config/age/keys.txt } }

# Merged into every node below.
defaults:
  board: arm64-uefi # or amd64-uefi
  network: { dhcp: true }
  # For static addresses, remove the line above and give each node its address:
  # network: { gateway: 192.168.10.1, dns: [192.168.10.1] }
  storage: { medium: ssd } # sd, emmc, nvme, ssd or usb; \`size: 32GB\` is checked against the content

nodes:
  - name: ${name}-1
    role: server
    # network: { address: 192.168.10.11/24 }
  # - name: ${name}-2
  #   role: agent
  #   labels: { zone: workshop }

site:
  timezone: UTC
  # ntp: [192.168.10.1]

access:
  users:
    - name: ops
      # Who may log in by ssh. There are no passwords.
${
  sshKeys.length === 0
    ? '      sshKeys: [] # add the content of a public key here, such as ~/.ssh/id_ed25519.pub'
    : ['      sshKeys:', ...sshKeys.map((key) => `        - ${key}`)].join('\n')
}
      sudo: true

# What the images carry besides k3s.
# images:
#   extra: [{ file: ./images/app.tar }]
#   manifests: [./manifests/app.yaml]
`
